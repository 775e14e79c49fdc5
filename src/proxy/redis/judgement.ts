import type { MatchKey } from '../../faults/contract.ts';
import { keysOf } from '../../protocols/redis/keys.ts';
import { isHandshake, namesOf } from '../../protocols/redis/unit.ts';
import type { ActiveFault, UnitFacts } from '../contract.ts';
import { judgeUnit } from '../messages/judge.ts';
import type { SessionContext } from '../session.ts';
import { FORWARD, type JudgedCommand } from './command.ts';

/** The faults in force, by what they must know and what they name. */
interface Bench {
  readonly faults: readonly ActiveFault[];
  readonly wantsKeys: boolean;
  /** Faults that name a command, and so may have handshakes too. */
  readonly naming: readonly ActiveFault[];
}

/** Brings commands before the faults in force. */
export class Judgement {
  readonly #context: SessionContext;
  readonly #judgedLate: () => void;
  readonly #skipped = new Set<ActiveFault>();
  #bench: Bench = { faults: [], wantsKeys: false, naming: [] };

  /** `judgedLate`: a command that was held has its verdict now. */
  constructor(context: SessionContext, judgedLate: () => void) {
    this.#context = context;
    this.#judgedLate = judgedLate;
  }

  /** Gives the command its verdict, at once unless a fault holds it. */
  begin(judged: JudgedCommand): void {
    const bench = this.#benchNow();
    const handshake = isHandshake(judged.given);
    const faults = handshake ? bench.naming.filter((fault) => names(fault, judged)) : bench.faults;
    judged.counted = !handshake || faults.length > 0;
    judged.verdict = FORWARD;
    if (faults.length === 0) return;
    judged.verdict = undefined;
    const { clock, meter, injected } = this.#context;
    let late = false;
    const abandon = judgeUnit<JudgedCommand, never>({
      faults,
      facts: () => this.#factsOf(judged, bench.wantsKeys),
      view: judged,
      clock,
      meter,
      injected: () => {
        judged.injected = true;
        injected();
      },
      done: (outcome) => {
        judged.verdict = outcome;
        judged.abandon = undefined;
        if (late) this.#judgedLate();
      },
    });
    if (judged.verdict !== undefined) return;
    late = true;
    judged.keep();
    judged.abandon = abandon;
  }

  /** Counts for each fault in force, once, that it cannot act here. */
  skipAll(): void {
    for (const fault of this.#context.faults()) {
      if (this.#skipped.has(fault)) continue;
      this.#skipped.add(fault);
      fault.countSkipped('not readable');
    }
  }

  #benchNow(): Bench {
    const faults = this.#context.faults();
    if (faults !== this.#bench.faults) {
      const has = (key: MatchKey) => (fault: ActiveFault) => fault.match?.[key] !== undefined;
      this.#bench = { faults, wantsKeys: faults.some(has('key')), naming: faults.filter(has('command')) };
    }
    return this.#bench;
  }

  #factsOf({ given }: JudgedCommand, wantsKeys: boolean): UnitFacts {
    const { client } = this.#context;
    const command = namesOf(given);
    return wantsKeys ? { client, command, key: keysOf(given) } : { client, command };
  }
}

/** Whether a fault's `match` names this command and does not merely include it: its first word is no pattern. */
function names({ match }: ActiveFault, { given }: JudgedCommand): boolean {
  return match?.command?.split(/\s/, 1)[0]?.toUpperCase() === given.command.name;
}
