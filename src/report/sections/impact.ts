import type { TrafficSummary } from '../../core/journal.ts';
import { ofType, type TimedEventOf } from '../../lessons/view/clock.ts';
import { trafficBefore, trafficDuring, underFault } from '../../lessons/view/spans.ts';
import type { ProbeView, RunView } from '../../lessons/view/view.ts';
import { between } from '../../lessons/view/window.ts';
import { count, rate, share } from '../../lessons/words.ts';
import type { ErrorBudget, Impact, ImpactRow } from '../findings.ts';
import { round } from './base.ts';

const MONTH_MINUTES = 30 * 24 * 60;

/** What users had to bear; null where nothing was injected. What is no count of what happened is called estimated. */
export function impactOf(view: RunView): Impact | null {
  if (!view.faulted) return null;
  return {
    rows: [...loadRows(view), ...probeRows(view), ...userRows(view), ...proxyRows(view)],
    requestsLost: lostOf(view),
    budgets: budgetsOf(view),
  };
}

function lostOf(view: RunView): Impact['requestsLost'] {
  const load = loadOf(view);
  if (load) return { ...load, from: 'the load, over the whole run' };
  const asked = requestProbes(view).flatMap((probe) => underFault(view, probe));
  if (asked.length === 0) return null;
  const lost = asked.filter(({ ok }) => !ok).length;
  return { lost, of: asked.length, from: 'the requests of the probes, while faults were in force' };
}

/** What the load of the run and those of its steps saw; undefined where there was none. */
function loadOf(view: RunView): { readonly lost: number; readonly of: number } | undefined {
  const loads = ofType(view.events, 'load').map((event) => {
    const { requests, errors, non2xx, traffic } = event;
    if (traffic) return { lost: traffic.total.failed, of: traffic.total.requests };
    const unsent = unsentOf(view, event);
    return { lost: errors + non2xx + unsent, of: requests + unsent };
  });
  if (loads.length === 0) return undefined;
  return loads.reduce((sum, one) => ({ lost: sum.lost + one.lost, of: sum.of + one.of }));
}

/** A start and an end in mid-second leave out a few requests that nobody misses. */
const NOISE = 0.05;

/**
 * A steady load waits for its answers. What it could therefore not send at its rate, its users could not do: it is lost as well,
 * though no request failed.
 */
function unsentOf({ events, plan }: RunView, { at, requests, step }: TimedEventOf<'load'>): number {
  const began = ofType(events, 'baseline-started')[0];
  // Where steps bring loads of their own, this one rests meanwhile.
  if (!began || !plan?.load || step !== undefined || plan.steps.some(({ load }) => load)) return 0;
  const due = (plan.load.rate * (at - began.at)) / 1000;
  const unsent = Math.round(due - requests);
  return unsent > due * NOISE ? unsent : 0;
}

function loadRows(view: RunView): ImpactRow[] {
  const load = loadOf(view);
  if (!load || load.of === 0) return [];
  return [
    {
      who: 'requests of the load',
      figure: `${load.lost.toLocaleString('en-US')} of ${count(load.of, 'request')} failed (${share(load.lost / load.of)})`,
      basis: 'measured',
      how: 'no answer, another than is right, or not even sent, since those before had no answer; over the whole run, baseline and recovery included',
    },
    ...ofType(view.events, 'load').flatMap(({ traffic }) => scenarioRows(traffic)),
  ];
}

/** Scenarios of users that failed, the most hurt first. */
function scenarioRows(traffic: TrafficSummary | undefined): ImpactRow[] {
  return Object.entries(traffic?.scenarios ?? {})
    .filter(([, { failed }]) => failed > 0)
    .sort(([, a], [, b]) => b.failed / b.requests - a.failed / a.requests)
    .map(([name, { failed, requests }]) => ({
      who: `users in scenario ${name}`,
      figure: `${failed.toLocaleString('en-US')} of ${count(requests, 'request')} failed (${share(failed / requests)})`,
      basis: 'measured',
      how: 'requests of that scenario of the load, over the whole run',
    }));
}

function probeRows(view: RunView): ImpactRow[] {
  return view.probes.flatMap((probe): ImpactRow[] => {
    const samples = underFault(view, probe);
    const failed = samples.filter(({ ok }) => !ok).length;
    if (failed === 0) return [];
    return [
      {
        who: `users as ${probe.name} sees them`,
        figure: `${failed.toLocaleString('en-US')} of ${count(samples.length, 'sample')} failed (${share(failed / samples.length)})`,
        basis: 'measured',
        how: 'samples of the probe while faults were in force',
      },
    ];
  });
}

/** A connection of the load stands for a user; the probe that failed most, for what one request of theirs met. */
function userRows(view: RunView): ImpactRow[] {
  const worst = Math.max(0, ...requestProbes(view).map((probe) => failedShare(view, probe)));
  if (worst === 0 || !view.faulted) return [];
  const load = view.plan?.load;
  if (!load || load.connections === 0)
    return [
      {
        who: 'users',
        figure: `about ${Math.max(1, Math.round(worst * 100))} of every 100 met a failure with a single request`,
        basis: 'estimated',
        how: 'the share of failures of the probe that failed most; how many users there are is not known',
      },
    ];
  const each = (load.rate * (view.faulted.to - view.faulted.from)) / 1000 / load.connections;
  const hit = load.connections * (1 - (1 - worst) ** each);
  return [
    {
      who: 'users',
      figure: `about ${Math.round(hit)} of ${load.connections} met a failure`,
      basis: 'estimated',
      how: `a connection of the load taken as a user of ${rate(load.rate / load.connections)}, each request failing as those of the probe that failed most (${share(worst)}), independently`,
    },
  ];
}

function proxyRows(view: RunView): ImpactRow[] {
  return view.proxies.flatMap((proxy): ImpactRow[] => {
    const during = trafficDuring(proxy, view.faulted!);
    const before = trafficBefore(view, proxy);
    const usual = before.seconds > 0 ? (before.organicErrors / before.seconds) * during.seconds : 0;
    const more = Math.round(during.organicErrors - usual);
    if (more <= 0) return [];
    return [
      {
        who: `requests to ${proxy.name}`,
        figure: `${count(more, 'error')} that no fault made, beyond what is usual`,
        basis: before.seconds > 0 ? 'estimated' : 'measured',
        how: `${during.organicErrors.toLocaleString('en-US')} organic errors at the proxy while faults were in force${before.seconds > 0 ? `, less its rate before them (${rate(before.organicErrors / before.seconds)})` : ''}`,
      },
    ];
  });
}

function budgetsOf(view: RunView): readonly ErrorBudget[] {
  const { faulted, plan, endAt } = view;
  const rules = (plan?.abortWhen ?? []).flatMap(({ slo, probe }) =>
    slo === undefined ? [] : [{ slo, probe }],
  );
  return rules.flatMap(({ slo, probe: watched }) =>
    view.probes
      .filter(({ name }) => watched === '*' || watched === name)
      .map((probe) => {
        const samples = between(probe.samples, faulted!.from, endAt);
        const failed = samples.filter(({ ok }) => !ok).length / Math.max(1, samples.length);
        return {
          probe: probe.name,
          slo,
          spentMinutes: round((failed * (endAt - faulted!.from)) / 60_000, 2),
          budgetMinutes: round((1 - slo) * MONTH_MINUTES, 1),
        };
      }),
  );
}

/** Probes whose samples are requests as users make them. */
function requestProbes(view: RunView): readonly ProbeView[] {
  const http = view.probes.filter(({ spec }) => spec?.kind === 'http');
  return http.length > 0 ? http : view.probes;
}

function failedShare(view: RunView, probe: ProbeView): number {
  const samples = underFault(view, probe);
  return samples.length === 0 ? 0 : samples.filter(({ ok }) => !ok).length / samples.length;
}
