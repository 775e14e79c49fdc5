import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalEvent, JournalType } from '../../src/core/journal.ts';
import { loadPlan } from '../../src/experiments/load.ts';
import { type RunOptions, type RunResult, runExperiment } from '../../src/experiments/run.ts';
import { freePort } from './free-port.ts';
import { TYPESCRIPT } from './processes.ts';
import { until } from './until.ts';

/** A small system under test behind one tcp proxy, with files of its own, for runs on real sockets. */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'faultline-lab-'));
  readonly events: JournalEvent[] = [];
  readonly abort = new AbortController();
  readonly #upstream: Server;
  upstreamPort = 0;
  proxyPort = 0;
  controlPort = 0;

  constructor() {
    this.#upstream = createServer((_, response) => response.end('ok'));
  }

  async open(): Promise<void> {
    this.#upstream.listen(0, '127.0.0.1');
    await once(this.#upstream, 'listening');
    this.upstreamPort = (this.#upstream.address() as AddressInfo).port;
    this.proxyPort = await freePort();
    this.controlPort = await freePort();
    writeFileSync(
      join(this.folder, 'faultline.yaml'),
      `control: 127.0.0.1:${this.controlPort}\nproxies: {}\n`,
    );
    this.limits();
  }

  /** Writes safety limits with a lease of its own; a busy machine alone may not end a run as degraded. */
  limits(more = '', leaseMs = 2000): void {
    writeFileSync(
      join(this.folder, 'safety-limits.yaml'),
      `environment: { name: local, allowed: [local] }\nmonitor: { lease: ${leaseMs}ms, falseAbort: off }\n${more}`,
    );
  }

  /** Writes an experiment of two seconds of `fault` after a baseline of one and a half; answers its path. `probe` is a second one. */
  experiment(fault: string, { headers = '{}', probe = '' } = {}): string {
    const file = join(this.folder, 'experiment.yaml');
    const web = `{ protocol: tcp, listen: "127.0.0.1:${this.proxyPort}", upstream: "127.0.0.1:${this.upstreamPort}" }`;
    writeFileSync(
      file,
      `name: lab
title: Lab
hypothesis: Readers notice nothing.
seed: 7
proxies:
  web: ${web}
steadyState:
  baseline: 1500ms
  probes:
    - name: read
      http: { url: "http://127.0.0.1:${this.proxyPort}/", headers: ${headers} }
      every: 50ms
      timeout: 500ms
      window: 1s
      expect: { status: 200, errorRate: "< 5%" }
${probe}
abortWhen:
  - { probe: read, errorRate: "> 20%", for: 200ms }
steps:
  - name: only
    duration: 2s
    faults: [${fault}]
recovery: { within: 5s }
`,
    );
    return file;
  }

  run(file: string, options: Partial<RunOptions> = {}): Promise<RunResult> {
    const { plan, limits } = loadPlan({ file, cwd: this.folder });
    return runExperiment({
      plan,
      limits,
      cwd: this.folder,
      environment: {},
      signal: this.abort.signal,
      dataPlaneExecArgv: TYPESCRIPT,
      ephemeral: true,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  of<T extends JournalType>(type: T): Extract<JournalEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<JournalEvent, { type: T }> => event.type === type);
  }

  /** Whether a request through the proxy is answered now. */
  async flows(): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(300);
      const response = await fetch(`http://127.0.0.1:${this.proxyPort}/`, { signal });
      return (await response.text()) === 'ok';
    } catch {
      return false;
    }
  }

  /** Every file that was left, by path. */
  files(): ReadonlyMap<string, string> {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    return new Map(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path, readFileSync(path, 'utf8')]),
    );
  }

  closeUpstream(): Promise<unknown> {
    if (!this.#upstream.listening) return Promise.resolve();
    const closed = once(this.#upstream, 'close');
    this.#upstream.close();
    this.#upstream.closeAllConnections();
    return closed;
  }

  /** Waits until a fault is in force; fails with the reason where a gate refuses the run. */
  async inForce(): Promise<void> {
    await until('a fault is in force', () => {
      const [refused] = this.of('gate-refused');
      if (refused) throw new Error(`the gate "${refused.gate}" says no: ${refused.reason}`);
      return this.of('step-applied').length > 0;
    });
  }

  async close(): Promise<void> {
    await this.closeUpstream();
    // A run that ended just now may still write its reports.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
