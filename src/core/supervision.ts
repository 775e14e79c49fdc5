/**
 * What a supervised run (`faultline run --supervised`) and whoever started it say to each other over the channel of their
 * processes. A run whose supervisor is gone goes on under its own monitor, and begins its steps without asking; one whose next
 * step was held then ends by its rollback.
 */
export type FromRun =
  | { readonly type: 'run'; readonly id: string; readonly folder: string }
  /** It ends before it is a run; why, also where the disk takes no line of a log. */
  | { readonly type: 'refused'; readonly reason: string }
  /** Only where the supervisor holds steps: may this one begin? */
  | { readonly type: 'before-step'; readonly index: number; readonly name: string };

export type ToRun =
  | { readonly type: 'stop'; readonly reason: string; readonly by: string }
  | { readonly type: 'step'; readonly answer: 'play' | 'skip' };
