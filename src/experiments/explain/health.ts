import type { SafetyLimits } from '../../core/limits.ts';
import type { LoadSpec, LoadTraffic, Plan, ProbeSpec } from '../../core/plan.ts';
import { maskUrls } from '../../core/secrets.ts';
import { formatDuration, formatShare } from '../../core/units.ts';
import { thresholdText } from '../../load/thresholds.ts';
import { nameOf } from '../plan/problems.ts';
import { count, section, table, wrap } from './layout.ts';

export function explainProbes({ probes, baselineMs, recoveryMs }: Plan): string {
  const baseline = formatDuration(baselineMs);
  return section(
    'What is measured',
    wrap(`For ${baseline} before any fault; if that is not healthy, nothing is injected.`, 2),
    table(probes.map((probe) => [probe.name, explainProbe(probe)])),
    wrap(`After the faults all expectations must hold again within ${formatDuration(recoveryMs)}.`, 2),
  );
}

export function explainLoad(load: LoadSpec): string {
  return section('Load', wrap(loadSentence(load), 2));
}

/** What is sent, in a sentence or two. */
export function loadSentence({ target, connections, rate, requests, traffic }: LoadSpec): string {
  if (traffic) return trafficSentence(traffic, target);
  const all = requests.reduce((sum, { weight }) => sum + weight, 0);
  const list = requests.map(({ method, path, weight }) => {
    const share = requests.length === 1 ? '' : ` (${formatShare(weight / all)})`;
    return `${method} ${maskUrls(path)}${share}`;
  });
  return `${count(rate, 'request')} a second over ${count(connections, 'connection')} to ${maskUrls(target)}: ${list.join(', ')}.`;
}

function trafficSentence(
  { profile, stages, scenarios, timeScale, thresholds }: LoadTraffic,
  target: string,
): string {
  const all = scenarios.reduce((sum, { weight }) => sum + weight, 0);
  const parts = stages.map(({ counts, level, durationMs }) => {
    const [from, to] = [Number(level.from.toFixed(1)), Number(level.to.toFixed(1))];
    const amount = from === to ? String(to) : `${from} to ${to}`;
    return `${amount} ${counts === 'users' ? 'users' : 'a second'} for ${formatDuration(durationMs)}`;
  });
  const mix = scenarios.map(({ name, weight }) => `${name} ${formatShare(weight / all, 0)}`);
  const scale = timeScale === 1 ? '' : `, ${timeScale} times as fast`;
  const met =
    thresholds.length === 0
      ? ''
      : ` It is to meet, faults and all: ${thresholds.map(thresholdText).join('; ')}.`;
  const what = profile === 'own' ? 'Own stages' : `Profile ${profile}`;
  return `${what}${scale}, to ${maskUrls(target)}: ${parts.join(', then ')}; what the last ends with goes on. Scenarios: ${mix.join(', ')}.${met}`;
}

export function explainStops(plan: Plan, limits: SafetyLimits): string {
  const { leaseMs, onMissing } = limits.monitor;
  const { spend } = limits;
  const rules = plan.abortWhen.map(({ probe, text, source }) => [
    probe === '*' ? 'any probe' : probe,
    `${text}  (${source === 'experiment' ? plan.source.file : nameOf(limits)})`,
  ]);
  return section(
    'What stops it: everything is taken back at once',
    table(rules),
    wrap(explainDegradation(plan, limits), 2),
    ...(spend ? [wrap(explainSpend(spend), 2)] : []),
    wrap(
      `Any probe without a fresh sample (the run is then ${onMissing === 'abort' ? 'aborted' : 'inconclusive'}), the loss of the data plane, Ctrl-C, SIGTERM, "faultline halt", the file ${limits.stopFile}.`,
      2,
    ),
    wrap(
      `Faults are leased for ${formatDuration(leaseMs)} and renewed only on fresh evidence: they end by themselves, should this process freeze or die.`,
      2,
    ),
  );
}

function explainDegradation({ tolerate }: Plan, { monitor }: SafetyLimits): string {
  if (monitor.falseAbort === 0) return 'Probes are not held against their baseline: falseAbort is off.';
  const { errorRate, latency } = tolerate ?? monitor.tolerate;
  return `Any probe that is worse than its baseline by a sequential test, which is wrong in at most ${formatShare(monitor.falseAbort)} of runs: more than ${errorRate}x the failures, or latencies beyond ${latency}x.`;
}

function explainSpend({ retryAmplification, extraRequests }: NonNullable<SafetyLimits['spend']>): string {
  const bounds = [
    retryAmplification === undefined
      ? ''
      : `more than ${retryAmplification} requests for each that clients began`,
    extraRequests === undefined ? '' : `more than ${count(extraRequests, 'request')} on top`,
  ].filter((bound) => bound !== '');
  return `Retries that send AI providers ${bounds.join(', or ')}.`;
}

function explainProbe(probe: ProbeSpec): string {
  const { everyMs, timeoutMs, windowMs, expect } = probe;
  const pace = `every ${formatDuration(everyMs)}, given ${formatDuration(timeoutMs)}, over windows of ${formatDuration(windowMs)}`;
  const expected =
    expect.length === 0 ? 'watched only' : `expects ${expect.map(({ text }) => text).join(', ')}`;
  return `${what(probe)}, ${pace}: ${expected}`;
}

/** Capabilities of the kinds of probe differ in what they ask; nothing here shows what a header or an environment holds. */
function what(probe: ProbeSpec): string {
  switch (probe.kind) {
    case 'http':
      return `${probe.method} ${maskUrls(probe.url)}`;
    case 'postgres':
      return `"${probe.query.replace(/\s+/g, ' ').trim()}" on ${maskUrls(probe.url)}`;
    case 'redis':
      return `${probe.command[0]} on ${maskUrls(probe.url)}`;
    case 'prometheus':
      return `${probe.metric} at ${maskUrls(probe.url)}`;
    case 'command':
      return `runs ${probe.run[0]}`;
  }
}
