/** What ends a run from outside. */
export interface Interruption {
  readonly cause: 'signal' | 'halt';
  readonly text: string;
  /** Who asked for it, where that is known. */
  readonly by?: string;
}

export interface Interrupt {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is an `Interruption`. */
  readonly signal: AbortSignal;
  /** Does the same without a signal. */
  stop(interruption: Interruption): void;
  /** Gives the signals back to the process. */
  end(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const EXIT_BY_SIGNAL = 128;
const NUMBERS: Readonly<Record<(typeof SIGNALS)[number], number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Turns signals into one request to stop. A second one does not skip the way back; it says that it is under way. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      process.stderr.write(`${name}: already taking everything back, one moment\n`);
      return;
    }
    controller.abort({ cause: 'signal', text: name } satisfies Interruption);
  };
  for (const name of SIGNALS) process.on(name, stop);
  return {
    signal: controller.signal,
    stop: (interruption) => controller.abort(interruption),
    end() {
      for (const name of SIGNALS) process.off(name, stop);
    },
  };
}

/** The exit code by which shells know that a signal ended a program. */
export function exitBySignal(signal: AbortSignal): number {
  const { text } = signal.reason as Interruption;
  return EXIT_BY_SIGNAL + (NUMBERS[text as keyof typeof NUMBERS] ?? 0);
}
