import { figure } from '../../lessons/words.ts';
import { driverCells, number, percent, safetySentences, since, trafficRate, UNKNOWN } from '../format.ts';
import type { ExpectationRow, Summary } from '../summary.ts';
import { bullets, heading, plain, table } from './text.ts';

export function hypothesis({ hypothesis: { expectations } }: Summary): string[] {
  if (expectations.length === 0) return [];
  const value = (row: ExpectationRow, amount: number | null) =>
    amount === null ? UNKNOWN : figure(row.measure, amount);
  return [
    heading(2, 'Hypothesis against what was seen'),
    table(
      ['Probe', 'Expected', 'Baseline', 'Worst', 'Worst at', 'After', 'Outcome'],
      expectations.map((row) => [
        plain(row.probe),
        plain(row.expectation),
        value(row, row.baseline),
        value(row, row.worst),
        since(row.worstS),
        value(row, row.after),
        row.outcome === 'missed' ? `**missed at ${since(row.missedS)}**` : row.outcome,
      ]),
    ),
  ];
}

export function injection({ injection: rows, traffic }: Summary): string[] {
  if (rows.length + traffic.length === 0) return [];
  const faults = table(
    ['Step', 'Fault', 'Toxicity', 'Matched', 'Injected', 'Share', 'Left alone'],
    rows.map((row) => [
      plain(`${row.step}. ${row.stepName}`),
      plain(`${row.place}: ${row.sentence} (${row.type})`),
      plain(row.toxicity),
      row.counted ? number(row.matched) : UNKNOWN,
      row.counted ? number(row.injected) : 'not counted',
      percent(row.share),
      plain(
        Object.entries(row.skipped)
          .map(([reason, count]) => `${reason}: ${number(count)}`)
          .join(', ') || UNKNOWN,
      ),
    ]),
  );
  const proxies = table(
    ['Proxy', 'Before', 'Under faults', 'After', 'Injected', 'Organic errors under faults'],
    traffic.map((proxy) => [
      plain(proxy.proxy),
      trafficRate(proxy, proxy.before),
      trafficRate(proxy, proxy.during),
      trafficRate(proxy, proxy.after),
      number(proxy.before.injected + proxy.during.injected + proxy.after.injected),
      number(proxy.during.organicErrors),
    ]),
  );
  return [
    heading(2, 'Proof of injection'),
    ...(rows.length > 0 ? [faults] : ['No fault was counted.']),
    ...(traffic.length > 0 ? [proxies] : []),
  ];
}

export function rollback({ rollback: facts }: Summary): string[] {
  if (!facts) return [];
  const mark = (passed: boolean | null) => (passed === null ? 'unknown' : passed ? 'yes' : '**no**');
  return [
    heading(2, 'Rollback, and its proof'),
    bullets([
      `Cause: ${plain(facts.reason)}${facts.by === null ? '' : `, by ${plain(facts.by)}`}`,
      `Taken back at ${since(facts.emptiedS)}, proven at ${since(facts.provenS)}`,
      `The fault set is empty: ${mark(facts.empty)}`,
      `Nothing is held or delayed: ${mark(facts.held === null ? null : facts.held === 0)}`,
      ...(facts.whyNotProven === null ? [] : [`**Not proven:** ${plain(facts.whyNotProven)}`]),
      ...(facts.notUndone.length > 0 ? [] : ['Nothing is recorded that a rollback could not undo']),
    ]),
    ...(facts.notUndone.length > 0
      ? ['What no rollback can undo:', bullets(facts.notUndone.map(plain))]
      : []),
    ...(facts.drivers.length > 0
      ? [
          table(
            ['Driver', 'Its faults', 'Held or delayed', 'Remark'],
            facts.drivers.map((row) => [plain(row.driver), ...driverCells(row).map(plain)]),
          ),
        ]
      : []),
    ...(facts.canaries.length > 0
      ? [
          table(
            ['Proxy', 'Canary', 'Through the proxy', 'Straight from the upstream', 'Outcome'],
            facts.canaries.map((canary) => [
              plain(canary.proxy),
              plain(canary.canary),
              plain(canary.through),
              plain(canary.direct),
              canary.same ? 'alike' : '**different**',
            ]),
          ),
        ]
      : []),
  ];
}

export function limits({ limits: rows, safety }: Summary): string[] {
  const bounds = safety?.bounds ?? [];
  if (rows.length + bounds.length === 0 && !safety) return [];
  const used = (row: { readonly breached: boolean; readonly used: number }) =>
    row.breached ? '**breached**' : percent(Math.floor(row.used * 100) / 100);
  return [
    heading(2, 'Safety limits and their margin'),
    ...(safety ? [bullets(safetySentences(safety).map(plain))] : []),
    ...(rows.length > 0
      ? [
          table(
            ['Limit', 'Watches', 'Nearest', 'Used', 'What was seen'],
            rows.map((row) => [
              plain(`${row.rule} (${row.source})`),
              plain(row.watches),
              plain(row.nearest),
              used(row),
              plain(row.sentence),
            ]),
          ),
        ]
      : []),
    ...(bounds.length > 0
      ? [
          table(
            ['Limit', 'Reached', 'Of', 'Used', 'What was seen'],
            bounds.map((row) => [
              plain(row.limit),
              plain(row.reached),
              plain(row.bound),
              used(row),
              plain(row.sentence),
            ]),
          ),
        ]
      : []),
  ];
}
