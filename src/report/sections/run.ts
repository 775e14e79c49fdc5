import { lastOf, ofType } from '../../lessons/view/clock.ts';
import type { RunView } from '../../lessons/view/view.ts';
import type { EnvironmentFacts, GateRow, RunFacts } from '../summary.ts';
import { round, type Seconds } from './base.ts';

export function runFacts(view: RunView, s: Seconds): RunFacts {
  const { events, plan, ended, endAt } = view;
  const started = ofType(events, 'run-started')[0];
  return {
    id: started?.run ?? 'unknown',
    name: plan?.name ?? 'unknown',
    title: plan?.title || plan?.name || 'A run without a beginning',
    tags: plan?.tags ?? [],
    startedAt: events[0]?.t ?? null,
    endedAt: ended?.t ?? null,
    durationMs: round(endAt),
    zero: view.firstFaultAt === null ? 'start of the run' : 'first fault',
    from: s(0),
    to: s(endAt),
  };
}

export function gateRows({ events }: RunView): readonly GateRow[] {
  return events.flatMap((event): GateRow[] => {
    if (event.type === 'gate-passed') return [{ gate: event.gate, passed: true, detail: event.detail }];
    if (event.type === 'gate-refused') return [{ gate: event.gate, passed: false, detail: event.reason }];
    return [];
  });
}

export function environmentFacts({ events, plan }: RunView): EnvironmentFacts {
  const started = ofType(events, 'run-started')[0];
  const plane = lastOf(events, 'data-plane');
  return {
    version: started?.version ?? null,
    timeScale: started?.timeScale ?? null,
    seed: plan?.seed ?? null,
    control: plane?.control ?? plan?.control ?? null,
    dataPlane: plane
      ? `instance ${plane.instance}, ${plane.adopted ? 'found running' : 'started by this run'}`
      : null,
    proxies: (plan?.proxies ?? []).map(({ name, protocol, listen, upstream }) => ({
      name,
      protocol,
      listen: plane?.proxies[name] ?? listen,
      upstream,
    })),
    baselineMs: plan?.baselineMs ?? null,
    events: events.length,
  };
}
