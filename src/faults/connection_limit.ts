import { z } from 'zod';
import { isHttp, type Protocol } from '../core/protocol.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { choice, count } from './attributes.ts';
import type {
  Admission,
  ListenerBehaviour,
  ListenerContext,
  ListenerFault,
  LiveConnection,
} from './contract.ts';

const attributes = z.strictObject({
  max: count('Connections that are let in at the same time; live ones count'),
  reject: choice(
    'What becomes of one too many: closed by FIN, reset, left waiting until a place is free, or (postgres and redis) told as by a server that is full, and closed',
    ['refuse', 'rst', 'wait', 'error'],
    'refuse',
  ),
});
type LimitAttributes = z.output<typeof attributes>;

const REJECTIONS: Readonly<Record<LimitAttributes['reject'], string>> = {
  refuse: 'close any more',
  rst: 'reset any more',
  wait: 'leave any more waiting for a place',
  error: "answer any more with the server's error of being full",
};

/** Protocols whose servers say so when they are full. */
const TELLING: ReadonlySet<Protocol> = new Set(['postgres', 'redis']);

/** Live connections keep their places, also those beyond `max`. */
export const connectionLimit: ListenerFault<LimitAttributes> = {
  ...ON_ANY_CONNECTION,
  type: 'connection_limit',
  layer: 'listener',
  attributes,
  summary: 'Lets in only so many connections at the same time',
  undo: 'waiting connections go on, and new ones are let in',
  endsConnections: false,
  addedLatency: ({ reject }) => (reject === 'wait' ? Number.POSITIVE_INFINITY : 0),
  explain: ({ max, reject }) => `let in ${max} connections at the same time, and ${REJECTIONS[reject]}`,
  refuses({ reject }, protocol) {
    if (reject !== 'error' || TELLING.has(protocol)) return undefined;
    const instead = isHttp(protocol)
      ? `add ${protocol === 'http' ? 'http_error' : 'ai_error'} for an answer`
      : 'declare the proxy as postgres or redis if it speaks that';
    return {
      attribute: 'reject',
      expected: `a server of ${protocol} says nothing when it is full; write refuse, rst or wait, or ${instead}`,
    };
  },
  create: (context) => new Places(context),
};

class Places implements ListenerBehaviour {
  readonly #context: ListenerContext<LimitAttributes>;
  readonly #taken = new Set<LiveConnection>();
  /** In the order of their coming. */
  readonly #waiting = new Map<LiveConnection, () => void>();

  constructor(context: ListenerContext<LimitAttributes>) {
    this.#context = context;
  }

  engage(live: readonly LiveConnection[]): void {
    for (const connection of live) this.#taken.add(connection);
  }

  admit(connection: LiveConnection): Admission {
    const { max, reject } = this.#context.attributes;
    if (this.#taken.size < max) {
      this.#taken.add(connection);
      return { do: 'pass' };
    }
    if (reject === 'error') return { do: 'deny' };
    if (reject !== 'wait') return { do: 'close', how: reject === 'rst' ? 'rst' : 'fin' };
    return { do: 'hold', until: (go) => void this.#waiting.set(connection, go) };
  }

  left(connection: LiveConnection): void {
    this.#taken.delete(connection);
    this.#waiting.delete(connection);
    this.updated();
  }

  /** Lets in those that wait longest, as far as there are places. */
  updated(): void {
    for (const [connection, go] of this.#waiting) {
      if (this.#taken.size >= this.#context.attributes.max) return;
      this.#waiting.delete(connection);
      this.#taken.add(connection);
      go();
    }
  }

  release(): void {
    for (const go of this.#waiting.values()) go();
    this.#waiting.clear();
  }
}
