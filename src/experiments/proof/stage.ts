import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AbortRule, SafetyLimits } from '../../core/limits.ts';
import type { Plan, PlannedStep, ProbeSpec } from '../../core/plan.ts';
import { DEFAULT_LIMITS } from '../../safety/limits/defaults.ts';
import { type StandIn, startStandIn } from './stand-in.ts';

/** Stand-ins in place of the upstreams of a plan, shared by all that is played against them. */
export interface Stage {
  readonly plan: Plan;
  readonly limits: SafetyLimits;
  /** A working folder of its own for a run. */
  folder(): string;
  /** Ends the stand-in behind a proxy. */
  killUpstream(proxy: string): Promise<void>;
  /** Ends the caller's own server, where there is one. */
  killService(): Promise<void>;
  close(): Promise<void>;
}

/** Faults are held that long at the most: what is proven is how they are taken back. */
const LONGEST_STEP_MS = 1500;
/** Long enough for the samples that a baseline needs. */
const BASELINE_MS = 2000;

export interface StageOptions {
  /** Its proxies and faults are played; its upstreams, probes, load and limits are not. */
  readonly plan: Plan;
  readonly leaseMs: number;
  /** A server of the caller's, asked by probes of its own beside the stand-in's. */
  readonly service?: Service;
}

export interface Service {
  readonly probes: readonly ProbeSpec[];
  readonly abortWhen: readonly AbortRule[];
  kill(): Promise<void>;
}

/**
 * The plan with stand-ins for its upstreams, free ports for its own, short steps, and one probe that asks a stand-in. Faults
 * on drivers beside the data plane are left out: they would touch the user's system.
 */
export async function openStage({ plan, leaseMs, service }: StageOptions): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'faultline-proof-'));
  const standIns = new Map<string, StandIn>();
  for (const { name, protocol } of plan.proxies) standIns.set(name, await startStandIn(protocol));
  const health = await startStandIn('http');
  let runs = 0;
  return {
    plan: {
      ...plan,
      proxies: plan.proxies.map(({ name, protocol }) => ({
        name,
        protocol,
        listen: '127.0.0.1:0',
        upstream: standIns.get(name)!.address,
      })),
      drivers: [],
      control: '127.0.0.1:0',
      load: undefined,
      baselineMs: BASELINE_MS,
      probes: [
        {
          name: 'stand-in',
          kind: 'http',
          url: `http://${health.address}/`,
          method: 'GET',
          headers: {},
          everyMs: 40,
          timeoutMs: 2000,
          windowMs: 3000,
          expect: [],
        },
        ...(service?.probes ?? []),
      ],
      abortWhen: service?.abortWhen ?? [],
      steps: plan.steps.filter(isPlayed).map(shortened),
      recoveryMs: 60_000,
    },
    limits: limitsOf(leaseMs),
    folder() {
      const folder = join(root, String(++runs));
      mkdirSync(folder);
      return folder;
    },
    killService: async () => service?.kill(),
    killUpstream: async (proxy) => standIns.get(proxy)?.close(),
    async close() {
      await Promise.all([...standIns.values(), health].map((standIn) => standIn.close().catch(() => {})));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The tries of a search differ in one value: one of them, over its whole span, stands for all. */
function isPlayed({ faults, search }: PlannedStep): boolean {
  return faults.length > 0 && (search === undefined || search.number === 1);
}

function shortened(step: PlannedStep): PlannedStep {
  return {
    ...step,
    durationMs: Math.min(step.durationMs, LONGEST_STEP_MS),
    gateMs: undefined,
    faults: step.faults.filter(({ driver }) => driver === undefined),
    injected: 'unproven',
  };
}

/** Only the lease is the user's: windows, targets, reach and health guard a system, and there is none here. */
function limitsOf(leaseMs: number): SafetyLimits {
  return {
    ...DEFAULT_LIMITS,
    monitor: { ...DEFAULT_LIMITS.monitor, leaseMs, falseAbort: 0 },
    reach: {
      ...DEFAULT_LIMITS.reach,
      proxies: Number.MAX_SAFE_INTEGER,
      addedLatencyMs: Number.MAX_SAFE_INTEGER,
      connections: Number.MAX_SAFE_INTEGER,
      requestsPerSecond: Number.MAX_SAFE_INTEGER,
    },
  };
}
