/** What stands in the requests and upstreams of a sequence, for one of the servers. */
export interface Scene {
  /** An echo server that all may connect to. */
  readonly upstream: string;
  /** An address that is taken by something else. */
  readonly taken: string;
  /** The address that a proxy made in this sequence listens on. */
  listen(proxy: string): string;
}

export interface Step {
  /** `METHOD /path`. */
  readonly send: string;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown | ((scene: Scene) => unknown);
  readonly headers?: Readonly<Record<string, string>>;
  /** Number of the decision record that says why the answers differ; they must differ then. */
  readonly differs?: string;
}

export function differing(record: string, step: Step): Step {
  return { ...step, differs: record };
}

/** Requests that are sent one after another to a server without proxies. */
export interface Sequence {
  readonly title: string;
  readonly steps: readonly Step[];
}
