import { FaultlineError, FaultlineErrors } from '../../core/errors.ts';
import { upstreamUnreachable } from '../canary/index.ts';
import type { HeldPlane } from './plane.ts';
import type { Run } from './run-context.ts';

/** Says no to a run before anything is injected. */
export class Refusal extends Error {
  readonly gate: string;

  constructor(gate: string, reason: string) {
    super(reason);
    this.gate = gate;
  }
}

/** A data plane with all that must be known before the first fault. */
export interface Prepared {
  readonly plane: HeldPlane;
  /** Highest epoch that the data plane has seen. */
  readonly seen: number;
}

/**
 * Opens the data plane, passes the gates, and sends a canary through each proxy: what cannot be reached now could not be
 * proven later.
 * @param onPlane told as soon as there is a data plane that must be closed again
 * @throws Refusal
 */
export async function prepare(run: Run, onPlane: (plane: HeldPlane) => void): Promise<Prepared> {
  const { journal, ports, plan, limits, clock, cwd } = run;
  const plane = await refusing('data plane', () => ports.openPlane(plan, journal.folder));
  onPlane(plane);
  await refusing('journal', () =>
    journal.append(
      {
        type: 'data-plane',
        control: plane.control,
        instance: plane.instance,
        ...(plane.pid === undefined ? {} : { pid: plane.pid }),
        ...(plane.startTime === undefined ? {} : { startTime: plane.startTime }),
        adopted: plane.adopted,
        proxies: Object.fromEntries(plane.proxies.map(({ name, listen }) => [name, listen])),
      },
      { sync: true },
    ),
  );
  for await (const outcome of ports.gates({ plan, limits, clock, plane, cwd })) {
    if (!outcome.passed) throw new Refusal(outcome.gate, outcome.reason);
    void journal.append({ type: 'gate-passed', gate: outcome.gate, detail: outcome.detail }, { sync: false });
  }
  await checkUpstreams(run, plane);
  const { epoch } = await refusing('data plane', () => plane.driver.state());
  return { plane, seen: epoch };
}

async function checkUpstreams({ ports, journal }: Run, plane: HeldPlane): Promise<void> {
  const proofs = await Promise.all(plane.proxies.map((declaration) => ports.canary(declaration)));
  for (const [index, proof] of proofs.entries()) {
    const { name, listen, upstream } = plane.proxies[index]!;
    if (upstreamUnreachable(proof)) {
      throw new Refusal(
        'upstreams reachable',
        new FaultlineError('UPSTREAM_UNREACHABLE', { proxy: name, upstream, reason: proof.direct }).message,
      );
    }
    if (!proof.same) {
      throw new Refusal(
        'upstreams reachable',
        new FaultlineError('PROXY_NOT_TRANSPARENT', {
          proxy: name,
          listen,
          canary: proof.canary,
          through: proof.through,
          direct: proof.direct,
        }).message,
      );
    }
  }
  const detail = proofs.map((proof) => `${proof.proxy}: ${proof.canary} answers ${proof.through}`).join(', ');
  void journal.append({ type: 'gate-passed', gate: 'upstreams reachable', detail }, { sync: false });
}

async function refusing<T>(gate: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof FaultlineError || error instanceof FaultlineErrors)
      throw new Refusal(gate, error.message);
    throw new Refusal(gate, error instanceof Error ? error.message : String(error));
  }
}
