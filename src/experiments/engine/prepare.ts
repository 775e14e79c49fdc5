import { resolve } from 'node:path';
import { sleep } from '../../core/clock.ts';
import { FaultlineError } from '../../core/errors.ts';
import type { CanaryProof } from '../../core/journal.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { reasonOf } from '../../core/reason.ts';
import { tooManyRuns } from '../../safety/gates/standing.ts';
import { type CanaryHost, untrusted, upstreamUnreachable } from '../canary/index.ts';
import { runsFolder } from '../journal/index.ts';
import type { HeldPlane } from './plane.ts';
import { faultsAt } from './ramp.ts';
import type { Run } from './run-context.ts';

/** Says no to a run before anything is injected. */
export class Refusal extends Error {
  readonly gate: string;

  constructor(gate: string, reason: string) {
    super(reason);
    this.gate = gate;
  }
}

/**
 * Ends abandoned runs, asks the gates, opens the data plane, and sends a canary through each proxy: what cannot be reached
 * now could not be proven later. Gates that need no data plane are asked before there is one.
 * A data plane is only opened with a place for the run: of two that begin in the same instant, the one that is refused must
 * not start, or stop, what the other works with.
 * @param onPlane told as soon as there is a data plane that must be let go of again
 * @param onPlace told as soon as there is a place to give up
 * @returns the highest epoch that the data plane has seen
 * @throws Refusal
 */
export async function prepare(
  run: Run,
  onPlane: (plane: HeldPlane) => void,
  onPlace: (release: () => void) => void,
): Promise<number> {
  let opened: Promise<HeldPlane> | undefined;
  const others = await endAbandoned(run);
  const plane = () => {
    opened ??= (async () => {
      onPlace(place(run, others));
      return open(run, onPlane);
    })();
    return opened;
  };
  await askGates(run, plane, others);
  const held = await plane();
  checkCounting(run, held);
  await checkFaults(run, held);
  await checkUpstreams(run, held);
  const { epoch } = await orRefuse('data plane', held.driver.state());
  return epoch;
}

async function endAbandoned(run: Run): Promise<readonly string[]> {
  const { recovered, live } = await orRefuse(
    'abandoned runs',
    run.ports.recover(runsFolder(run.cwd), run.id),
  );
  run.recovered.push(...recovered);
  for (const { run: name, sentence } of recovered) {
    run.record({ type: 'note', text: `ended run ${name}, whose process is gone: ${sentence}` });
  }
  for (const { run: name, why } of live) {
    run.record({ type: 'note', text: `run ${name} is not over: ${why}` });
  }
  return live.filter(({ alive }) => !alive).map(({ run: name }) => name);
}

/** @throws Refusal where as many runs as may be are under way */
function place({ ports, cwd, id, limits }: Run, others: readonly string[]): () => void {
  const most = limits.reach.runs;
  const taken = ports.place({ runs: runsFolder(cwd), run: id, places: most - others.length });
  if ('release' in taken) return taken.release;
  throw new Refusal('no other run', tooManyRuns([...others, ...taken.heldBy], most));
}

async function open(run: Run, onPlane: (plane: HeldPlane) => void): Promise<HeldPlane> {
  const { journal, ports, plan, keepProxy } = run;
  const plane = await ports.openPlane(plan, journal.folder, run);
  onPlane(plane);
  const { control, instance, pid, startTime, adopted, proxies } = plane;
  await journal.append(
    {
      type: 'data-plane',
      control,
      instance,
      ...(pid === undefined ? {} : { pid }),
      ...(startTime === undefined ? {} : { startTime }),
      adopted,
      ...(keepProxy ? { kept: true } : {}),
      proxies: Object.fromEntries(proxies.map(({ name, listen }) => [name, listen])),
    },
    { sync: true },
  );
  return plane;
}

async function askGates(run: Run, plane: () => Promise<HeldPlane>, others: readonly string[]): Promise<void> {
  const { plan, limits, clock, ports, id, cwd, environment, approvals } = run;
  let failure: unknown;
  const driver = async () => {
    try {
      return (await plane()).driver;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  const outcomes = ports.gates({
    plan,
    limits,
    clock,
    run: id,
    environment,
    approvals,
    stopFile: resolve(cwd, limits.stopFile),
    otherRuns: async () => others,
    driver: {
      state: async () => (await driver()).state(),
      manualToxics: async () => (await driver()).manualToxics(),
    },
  });
  for await (const outcome of outcomes) {
    if (failure instanceof Refusal) throw failure;
    if (failure !== undefined) throw new Refusal('data plane', reasonOf(failure));
    if (!outcome.passed) throw new Refusal(outcome.gate, outcome.reason);
    run.record({ type: 'gate-passed', gate: outcome.gate, detail: outcome.detail });
  }
  await orRefuse('data plane', plane());
}

/** A fault that nobody counts cannot be shown to have met traffic; a step has to say that it knows. */
function checkCounting({ plan }: Run, { driver }: HeldPlane): void {
  const step = plan.steps.find(({ injected, faults }) => injected !== 'unproven' && faults.length > 0);
  if (driver.counts || !step) return;
  const error = new FaultlineError('CANNOT_COUNT', { driver: driver.name, step: step.name });
  throw new Refusal('injections counted', error.message);
}

/** What a driver finds that it cannot do is told before anything is injected. */
async function checkFaults({ plan }: Run, { driver }: HeldPlane): Promise<void> {
  for (const step of plan.steps)
    await orRefuse('faults possible', driver.check?.(faultsAt(step, 0)) ?? Promise.resolve());
}

async function checkUpstreams(run: Run, plane: HeldPlane): Promise<void> {
  const gate = 'upstreams reachable';
  const proofs = await Promise.all(
    plane.proxies.map((declaration) => firstCanary(run, declaration, plane.driver)),
  );
  for (const [index, proof] of proofs.entries()) {
    const { name: proxy, listen, upstream } = plane.proxies[index]!;
    const reason = untrusted(proof);
    if (reason !== undefined)
      throw new Refusal(
        gate,
        new FaultlineError('UPSTREAM_CERTIFICATE', { proxy, upstream, reason }).message,
      );
    if (upstreamUnreachable(proof)) {
      const values = { proxy, upstream, reason: proof.direct };
      throw new Refusal(gate, new FaultlineError('UPSTREAM_UNREACHABLE', values).message);
    }
    if (!proof.same) {
      const values = { ...proof, proxy, listen };
      throw new Refusal(gate, new FaultlineError('PROXY_NOT_TRANSPARENT', values).message);
    }
  }
  const detail = proofs.map((proof) => `${proof.proxy}: ${proof.canary} answers ${proof.through}`).join(', ');
  run.record({ type: 'gate-passed', gate, detail });
}

/** An upstream may hiccup; one that has not answered three times is not there. */
async function firstCanary(
  { ports, clock }: Run,
  declaration: ProxyDeclaration,
  host: CanaryHost,
): Promise<CanaryProof> {
  for (let attempt = 1; ; attempt++) {
    const proof = await ports.canary(declaration, host);
    if ((proof.same && !upstreamUnreachable(proof)) || attempt === 3) return proof;
    await sleep(clock, 200);
  }
}

async function orRefuse<T>(gate: string, act: Promise<T>): Promise<T> {
  try {
    return await act;
  } catch (error) {
    throw new Refusal(gate, reasonOf(error));
  }
}
