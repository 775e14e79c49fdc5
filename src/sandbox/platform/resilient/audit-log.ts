import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';
import type { Database } from '../parts.ts';

/** Who did what, and how it ended; nothing of what was in it. */
export interface AuditEntry {
  readonly at: Date;
  readonly actor: string;
  /** Method and route, without the values in it: `POST /workspaces/:id/tasks`. */
  readonly action: string;
  /** The workspace or task it was done to. */
  readonly object: string | null;
  readonly status: number;
}

/** Keeps entries until the table takes them, so that no request waits for it; bounded, and it says what it dropped. */
export class AuditLog {
  readonly #store: (entries: readonly AuditEntry[]) => Promise<unknown>;
  readonly #bound: number;
  #entries: AuditEntry[] = [];
  #dropped = 0;
  #written = 0;

  constructor(store: (entries: readonly AuditEntry[]) => Promise<unknown>, bound = 10_000) {
    this.#store = store;
    this.#bound = bound;
  }

  get written(): number {
    return this.#written;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get waiting(): number {
    return this.#entries.length;
  }

  add(entry: AuditEntry): void {
    if (this.#entries.length >= this.#bound) this.#dropped++;
    else this.#entries.push(entry);
  }

  /** Writes what waits; on a failure it goes on waiting, in order. */
  async flush(): Promise<void> {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    try {
      await this.#store(entries);
      this.#written += entries.length;
    } catch (error) {
      const kept = [...entries, ...this.#entries];
      this.#dropped += Math.max(0, kept.length - this.#bound);
      this.#entries = kept.slice(0, this.#bound);
      throw error;
    }
  }
}

const EVERY = 1000;
const LONGEST_NAME = 100;
const UNRECORDED: ReadonlySet<string> = new Set(['/health', '/metrics']);

/** Records each request but probes of health and metrics, in the table `audit_log`. */
export function auditTrail(database: Database, metrics: Metrics): (app: FastifyInstance) => void {
  const log = new AuditLog((entries) =>
    database.read(
      `insert into audit_log (at, actor, action, object, status)
       select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::int[])`,
      [
        entries.map(({ at }) => at),
        entries.map(({ actor }) => actor),
        entries.map(({ action }) => action),
        entries.map(({ object }) => object),
        entries.map(({ status }) => status),
      ],
      'low',
    ),
  );
  metrics.watch('audit_entries_written', 'Entries in the audit log since the start', () => log.written);
  metrics.watch('audit_entries_waiting', 'Entries that wait for the database', () => log.waiting);
  metrics.watch('audit_entries_dropped', 'Entries that found no room to wait', () => log.dropped);
  return (app) => {
    setInterval(() => log.flush().catch(() => {}), EVERY);
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url;
      if (route === undefined || UNRECORDED.has(route)) return;
      const { id } = request.params as { id?: number | string };
      const user = request.headers['x-user'];
      log.add({
        at: new Date(),
        actor: typeof user === 'string' ? user.slice(0, LONGEST_NAME) : 'anonymous',
        action: `${request.method} ${route}`,
        object: id === undefined ? null : String(id),
        status: reply.statusCode,
      });
    });
  };
}
