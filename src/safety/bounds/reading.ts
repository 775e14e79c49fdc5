import type { BoundName } from '../../core/limits.ts';

/** How far a run went towards a limit on what is observed. */
export interface Reading {
  readonly limit: BoundName;
  /** The proxy that it is about; absent where it is about all together. */
  readonly proxy?: string;
  readonly value: number;
  /** The figures that it stands on, in a sentence without a full stop. */
  readonly text: string;
}
