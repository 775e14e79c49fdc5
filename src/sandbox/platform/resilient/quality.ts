import type { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';

interface Step {
  readonly name: string;
  /** Shares, 0 to 1: of the cost of the work, and of its quality. */
  readonly saves: number;
  readonly costs: number;
  /** Taken from this pressure on; taken back when it has fallen by a tenth. */
  readonly from: number;
}

/** In the order in which they are taken; each can be taken back. Less parallel work costs nothing but time. */
export const STEPS = [
  { name: 'shallower-consolidation', saves: 0.4, costs: 0.08, from: 0.5 },
  { name: 'smaller-model', saves: 0.6, costs: 0.15, from: 0.6 },
  { name: 'no-quality-checks', saves: 0.25, costs: 0.2, from: 0.7 },
  { name: 'less-parallel', saves: 0.3, costs: 0, from: 0.8 },
] as const satisfies readonly Step[];

type StepName = (typeof STEPS)[number]['name'];

const BACK = 0.1;

/** Trades quality for capacity, step by step, by the pressure of the moment (0 to 1). */
export class Quality {
  readonly #taken = new Set<StepName>();
  #foreseen = 0;
  readonly #changes: Counter<'step' | 'to'>;

  constructor(metrics: Metrics) {
    this.#changes = metrics.labelled('quality_changes_total', 'Steps taken and taken back', 'step', 'to');
    for (const { name } of STEPS) {
      const metric = `quality_${name.replaceAll('-', '_')}`;
      metrics.watch(metric, '1 while this step is taken', () => (this.has(name) ? 1 : 0));
    }
    metrics.watch('quality_saved_share', 'Share of the cost that the steps taken save', () =>
      this.#share('saves'),
    );
    metrics.watch('quality_lost_share', 'Share of quality that the steps taken cost', () =>
      this.#share('costs'),
    );
  }

  has(step: StepName): boolean {
    return this.#taken.has(step);
  }

  /** Share of a full consolidation that is done, 0 to 1. */
  get consolidationDepth(): number {
    return this.has('shallower-consolidation') ? 0.6 : 1;
  }

  /** Share of the workers that are used, 0 to 1. */
  get parallelism(): number {
    return this.has('less-parallel') ? 0.7 : 1;
  }

  /** Until told otherwise, no pressure counts as lower than this one, which is to be expected. */
  foresee(pressure: number): void {
    this.#foreseen = pressure;
  }

  adjust(measured: number): void {
    const pressure = Math.max(measured, this.#foreseen);
    for (const { name, from } of STEPS) {
      if (!this.has(name) && pressure >= from) this.#change(name, 'taken');
      else if (this.has(name) && pressure < from - BACK) this.#change(name, 'back');
    }
  }

  #change(step: StepName, to: 'taken' | 'back'): void {
    if (to === 'taken') this.#taken.add(step);
    else this.#taken.delete(step);
    this.#changes.inc({ step, to });
    console.log(`quality: ${step} ${to}`);
  }

  #share(of: 'saves' | 'costs'): number {
    const left = STEPS.filter(({ name }) => this.has(name)).reduce((rest, step) => rest * (1 - step[of]), 1);
    return 1 - left;
  }
}
