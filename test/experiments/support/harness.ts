import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CanaryProof, JournalEvent, JournalType } from '../../../src/core/journal.ts';
import type { AbortRule, SafetyLimits } from '../../../src/core/limits.ts';
import type { Plan, PlannedStep } from '../../../src/core/plan.ts';
import type { RunPorts } from '../../../src/experiments/engine/ports.ts';
import { systemPorts } from '../../../src/experiments/engine/ports.ts';
import type { Recovered } from '../../../src/experiments/recover.ts';
import { type RunOptions, type RunResult, runExperiment } from '../../../src/experiments/run.ts';
import { GATES, passGates } from '../../../src/safety/gates.ts';
import { DEFAULT_LIMITS } from '../../../src/safety/limits/defaults.ts';
import { createWatch } from '../../../src/safety/watch.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { planned, step } from '../../support/journal-builder.ts';
import { probeSpec, type ScriptedProbe, scriptedProbe } from '../../support/scripted-probe.ts';
import { FakePlane } from './fake-plane.ts';

export const RULE: AbortRule = {
  probe: 'read',
  measure: 'errorRate',
  operator: '>',
  bound: 0.2,
  relative: false,
  forMs: 1000,
  text: 'errorRate > 20% for 1 s',
  source: 'experiment',
};

/** One step of ten seconds with one fault, unless said otherwise. */
export function planOf(steps: readonly PlannedStep[] = [slow()], rest: Partial<Plan> = {}): Plan {
  return {
    name: 'test',
    title: 'Test',
    hypothesis: 'It holds.',
    tags: [],
    seed: 1,
    source: { file: 'test.yaml', hash: 'h', text: '' },
    proxies: [{ name: 'web', protocol: 'tcp', listen: '127.0.0.1:4000', upstream: '127.0.0.1:4001' }],
    control: '127.0.0.1:8474',
    baselineMs: 5000,
    probes: [probeSpec('read', { status: 200, errorRate: '< 5%' }, { everyMs: 100, windowMs: 3000 })],
    abortWhen: [RULE],
    steps,
    recoveryMs: 10_000,
    reach: { ...DEFAULT_LIMITS.reach, durationMs: 10_000, connections: 0, requestsPerSecond: 0 },
    ...rest,
  };
}

export function slow(name = 'slow', rest: Partial<PlannedStep> = {}): PlannedStep {
  return { ...step(name, 10_000, planned('1.1', 'web', 'latency', 'delay each chunk')), ...rest };
}

export const OK = { ok: true, status: 200, ms: 5 };
export const BAD = { ok: true, status: 503, ms: 5 };

/** A run on a fake clock, with a fake data plane, scripted probes, and the real monitor, gates, watch and journal. */
export class Harness {
  readonly clock = new FakeClock();
  readonly plane = new FakePlane(this.clock);
  readonly probe: ScriptedProbe;
  readonly events: JournalEvent[] = [];
  readonly cwd = mkdtempSync(join(tmpdir(), 'faultline-run-'));
  readonly abort = new AbortController();
  readonly loads: string[] = [];
  readonly warnings: string[] = [];
  /** What the journal would hold. */
  written = '';
  owned = true;
  missing: readonly { probe: string; ageMs: number }[] = [];
  limits: SafetyLimits = DEFAULT_LIMITS;
  others: Recovered = { recovered: [], live: [] };
  canary = { through: 'open', direct: 'open', same: true };
  stop: (reason: string) => void = () => {};
  openError: Error | undefined;

  constructor() {
    this.probe = scriptedProbe('read', this.clock);
    this.probe.answer(OK);
  }

  ports(): RunPorts {
    return {
      ...systemPorts({ environment: {} }),
      owner: () => ({ pid: 1, startTime: '1', bootId: 'b' }),
      recover: async () => this.others,
      openPlane: async () => {
        if (this.openError) throw this.openError;
        this.plane.revive();
        return this.plane.held({ owned: this.owned });
      },
      canary: async ({ name }): Promise<CanaryProof> => ({
        proxy: name,
        canary: 'connect',
        ...(this.plane.dead ? { through: 'ECONNREFUSED', direct: 'open', same: false } : this.canary),
      }),
      // It looks at the disk, and a fake clock does not wait for that.
      gates: (context) =>
        passGates(
          context,
          GATES.filter(({ name }) => name !== 'no kill switch'),
        ),
      watch: ({ probes, abortWhen }) => {
        const watch = createWatch({
          specs: probes,
          rules: abortWhen,
          probes: [this.probe],
          clock: this.clock,
        });
        return { ...watch, missing: () => this.missing };
      },
      load: () => {
        this.loads.push('started');
        return {
          pause: () => this.loads.push('paused'),
          resume: () => this.loads.push('resumed'),
          stop: async () => {
            this.loads.push('stopped');
            return { requests: 9, errors: 0, timeouts: 0, non2xx: 0, p50: 1, p99: 2 };
          },
        };
      },
      checkLoad: () => {},
      stopFile: (_, onStop) => {
        this.stop = onStop;
        return () => {};
      },
    };
  }

  /** Plays a run to its end; `script` says what happens at which ms of the run. */
  async run(
    plan: Plan = planOf(),
    script: Readonly<Record<number, () => void>> = {},
    options: Partial<RunOptions> = {},
  ): Promise<RunResult> {
    let result: RunResult | undefined;
    let failure: unknown;
    const began = this.clock.now();
    runExperiment({
      plan,
      limits: this.limits,
      cwd: this.cwd,
      environment: {},
      signal: this.abort.signal,
      clock: this.clock,
      ports: this.ports(),
      warn: (line) => this.warnings.push(line),
      onEvent: (event) => this.events.push(event),
      writeJournal: async (lines) => {
        this.written += lines;
      },
      ...options,
    }).then(
      (ended) => {
        result = ended;
      },
      (error: unknown) => {
        failure = error ?? new Error('rejected');
      },
    );
    const due = Object.keys(script).map(Number);
    for (let turns = 0; turns < 2000; turns++) {
      await this.clock.advanceAsync(turns === 0 ? 0 : 100);
      if (failure) throw failure;
      if (result) return result;
      while (due.length > 0 && this.clock.now() - began >= due[0]!) script[due.shift()!]!();
    }
    throw new Error(`the run did not end; last event: ${JSON.stringify(this.events.at(-1))}`);
  }

  /** Types of events in order, without samples and renewals. */
  story(): string[] {
    const quiet: readonly JournalType[] = ['sample', 'renewed', 'gate-passed', 'observation'];
    return this.events.filter(({ type }) => !quiet.includes(type)).map(({ type }) => type);
  }

  of<T extends JournalType>(type: T): Extract<JournalEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<JournalEvent, { type: T }> => event.type === type);
  }

  close(): void {
    rmSync(this.cwd, { recursive: true, force: true });
  }
}
