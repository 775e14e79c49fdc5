import type { MatchKey } from '../../faults/contract.ts';
import type { Command } from '../../protocols/redis/commands.ts';
import { type Arguments, keysOf } from '../../protocols/redis/keys.ts';
import { isHandshake, namesOf } from '../../protocols/redis/unit.ts';
import type { ActiveFault, UnitFacts } from '../contract.ts';
import { judgeUnit } from '../messages/judge.ts';
import { Unread } from '../messages/unread.ts';
import type { SessionContext } from '../session.ts';
import { FORWARD, type JudgedCommand } from './command.ts';

/** The faults in force, by what they must know and what they name. */
interface Bench {
  readonly faults: readonly ActiveFault[];
  /** Those that may take a command, as far as its name and the client say. */
  readonly byCommand: Map<Command, readonly ActiveFault[]>;
  readonly wantsKeys: boolean;
  /** Faults that name a command, and so may have handshakes too. */
  readonly naming: readonly ActiveFault[];
}

/** Brings commands before the faults in force. */
export class Judgement {
  readonly #context: SessionContext;
  readonly #judgedLate: () => void;
  readonly #unread: Unread;
  #bench: Bench = newBench([]);

  /** `judgedLate`: a command that was held has its verdict now. */
  constructor(context: SessionContext, judgedLate: () => void) {
    this.#context = context;
    this.#judgedLate = judgedLate;
    this.#unread = new Unread(context.faults);
  }

  /** Whether no fault in force can take this command, whatever else is known of it. Numbers nothing. */
  leavesAlone(given: Arguments): boolean {
    const { command } = given;
    if (!command.ordinary || command.name === '' || command.container) return false;
    const { byCommand, wantsKeys } = this.#benchNow();
    let faults = byCommand.get(command);
    if (!faults) {
      faults = this.#thatMayTake(command);
      byCommand.set(command, faults);
    }
    if (faults.length === 0) return true;
    if (!wantsKeys) return false;
    const keys = keysOf(given);
    return faults.every(
      (fault) =>
        fault.match?.key !== undefined &&
        (typeof keys === 'string'
          ? !fault.matches('key', keys)
          : keys.every((key) => !fault.matches('key', key))),
    );
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
  skipAll(reason: string): void {
    this.#unread.tell(reason);
  }

  #thatMayTake({ name }: Command): readonly ActiveFault[] {
    const { client } = this.#context;
    return this.#context
      .faults()
      .filter((fault) => fault.matches('command', name) && fault.matches('client', client));
  }

  #benchNow(): Bench {
    const faults = this.#context.faults();
    if (faults !== this.#bench.faults) this.#bench = newBench(faults);
    return this.#bench;
  }

  #factsOf({ given }: JudgedCommand, wantsKeys: boolean): UnitFacts {
    const { client } = this.#context;
    const command = namesOf(given);
    return wantsKeys ? { client, command, key: keysOf(given) } : { client, command };
  }
}

function newBench(faults: readonly ActiveFault[]): Bench {
  const has = (key: MatchKey) => (fault: ActiveFault) => fault.match?.[key] !== undefined;
  return {
    faults,
    byCommand: new Map(),
    wantsKeys: faults.some(has('key')),
    naming: faults.filter(has('command')),
  };
}

/** Whether a fault's `match` names this command and does not merely include it: its first word is no pattern. */
function names({ match }: ActiveFault, { given }: JudgedCommand): boolean {
  return match?.command?.split(/\s/, 1)[0]?.toUpperCase() === given.command.name;
}
