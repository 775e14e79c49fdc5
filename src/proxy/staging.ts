import type { Clock } from '../core/clock.ts';
import type { Stream } from '../core/fault.ts';
import type { Ending } from '../faults/contract.ts';
import type { Draw, FaultInForce } from './active-fault.ts';
import { Stage } from './stage.ts';

interface Judged {
  readonly draw: Draw;
  readonly opened: 'before' | 'after';
  stage?: Stage | undefined;
}

export interface StagingOptions {
  /** The client's address. */
  readonly address: string;
  readonly clock: Clock;
  readonly injected: () => void;
  /** A stage holds more or fewer bytes than before. */
  readonly moved: (stream: Stream) => void;
  /** A stage wants the connection closed. */
  readonly cut: (stage: Stage, how: Ending) => void;
}

/** What the bytes faults in force drew for one connection, and the stages of those that hit it. */
export class Staging {
  readonly #options: StagingOptions;
  readonly #judged = new Map<FaultInForce, Judged>();
  #faults: readonly FaultInForce[] = [];

  constructor(options: StagingOptions) {
    this.#options = options;
  }

  /** Numbers the connection for each fault that is new. Stages change when they are next asked for. */
  setFaults(faults: readonly FaultInForce[], opened: 'before' | 'after'): void {
    this.#faults = faults;
    for (const fault of this.#judged.keys()) if (!faults.includes(fault)) this.#judged.delete(fault);
    for (const fault of faults) {
      if (this.#judged.has(fault)) continue;
      const draw = fault.draw({ client: this.#options.address });
      if (draw) this.#judged.set(fault, { draw, opened });
    }
  }

  /** The stages of a stream, in order, by the toxicity of now: those that go on are the same objects. */
  stages(stream: Stream): readonly Stage[] {
    const stages: Stage[] = [];
    for (const fault of this.#faults) {
      const judged = fault.stream === stream ? this.#judged.get(fault) : undefined;
      if (!judged) continue;
      judged.stage = judged.draw.hit ? (judged.stage ?? this.#newStage(fault, judged)) : undefined;
      if (judged.stage) stages.push(judged.stage);
    }
    return stages;
  }

  updated(changed: ReadonlySet<FaultInForce>): void {
    for (const fault of changed) this.#judged.get(fault)?.stage?.updated();
  }

  /** Since when a fault has held something of this connection. */
  get heldSince(): number | undefined {
    let since: number | undefined;
    for (const { stage } of this.#judged.values()) {
      const own = stage?.heldSince;
      if (own !== undefined && (since === undefined || own < since)) since = own;
    }
    return since;
  }

  /** The connection ends: what comes after `winner` in order, or all, and has not acted yet, never will. */
  preempt(winner?: FaultInForce): void {
    for (const fault of this.#faults.slice(this.#faults.indexOf(winner as FaultInForce) + 1)) {
      const draw = this.#judged.get(fault)?.draw;
      if (draw?.hit && !draw.wasInjected) draw.skipped('preempted');
    }
  }

  #newStage(fault: FaultInForce, { draw, opened }: Judged): Stage {
    const { clock, injected, moved, cut } = this.#options;
    return new Stage({
      fault,
      draw,
      opened,
      clock,
      moved: () => moved(fault.stream),
      injected: () => {
        injected();
        draw.injected();
      },
      close: (stage, how) => {
        this.preempt(fault);
        cut(stage, how);
      },
    });
  }
}
