import { figure as valueText } from '../../lessons/words.ts';
import { paintProbes } from '../charts/probes.ts';
import { paintTraffic } from '../charts/traffic.ts';
import { number, percent, trafficRate as rate, since, UNKNOWN } from '../format.ts';
import type { ExpectationRow, Summary } from '../summary.ts';
import { figure } from './figure.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** What was expected of each probe, and what was seen. */
export function hypothesis({ hypothesis: { expectations, outcome } }: Summary): Markup | false {
  if (expectations.length === 0) return false;
  const missed = expectations.filter((row) => row.outcome === 'missed').length;
  const judged = expectations.filter((row) => row.outcome !== 'not judged').length;
  const told =
    outcome === 'not tested'
      ? 'Nothing was judged under a fault.'
      : missed === 0
        ? `All ${judged} expectations held while faults were in force.`
        : `${missed} of ${judged} expectations were missed while faults were in force.`;
  return html`<section id="hypothesis">
  <h2>Hypothesis against what was seen</h2>
  <p class="lede">${told}</p>
  ${table(
    'Expectations, by probe',
    [
      { name: 'Probe', kind: 'probe' },
      { name: 'Expected', kind: 'half' },
      { name: 'Baseline', kind: 'num' },
      { name: 'Worst', kind: 'num' },
      { name: 'Worst at', kind: 'num' },
      { name: 'After', kind: 'num' },
      { name: 'Outcome', kind: 'half' },
    ],
    expectations.map((row, index) => ({
      joined: expectations[index + 1]?.probe === row.probe,
      cells: [
        expectations[index - 1]?.probe === row.probe
          ? html`<span class="hidden">${row.probe}</span>`
          : row.probe,
        row.expectation,
        value(row, row.baseline),
        value(row, row.worst),
        row.worst === null ? UNKNOWN : since(row.worstS),
        value(row, row.after),
        outcomeCell(row),
      ],
    })),
  )}
</section>`;
}

function value({ measure }: ExpectationRow, amount: number | null): string {
  return amount === null ? UNKNOWN : valueText(measure, amount);
}

function outcomeCell(row: ExpectationRow): Markup {
  switch (row.outcome) {
    case 'held':
      return html`<span class="good">held</span>`;
    case 'missed':
      return html`<span class="bad">missed at ${since(row.missedS)}</span>`;
    case 'in errorRate':
      return html`<span class="muted">counted in errorRate</span>`;
    case 'not judged':
      return html`<span class="muted">not judged</span>`;
  }
}

/** Each probe over time. */
export function probes(summary: Summary): Markup | false {
  const shown = summary.probes.filter((probe) => probe.total > 0);
  if (shown.length === 0) return false;
  const failed = shown.map(
    (probe) => `${probe.probe}: ${probe.totalFailed} of ${probe.total} samples failed`,
  );
  return html`<section id="probes">
  <h2>Every probe over time</h2>
  ${figure({
    paint: (narrow) => paintProbes(summary, narrow),
    alternative: `Each probe over time with the steps shaded. ${failed.join('; ')}. The figures stand in the table of expectations.`,
    legend: [
      ['latency', 'line', 'p95 over the window, or value'],
      ['latency', 'dot', 'sample'],
      ['bad', 'dot', 'failed sample'],
      ['bad', 'half', 'share of failed samples, 100% at the top'],
      ['muted', 'dash', 'bound'],
      ['shade', '', 'step with faults'],
    ],
    caption:
      'All panels share one time axis; 0 is the first fault. Failed samples stand at the time they took to fail.',
  })}
</section>`;
}

/** What Faultline did to the traffic, and what it did not. */
export function injection(summary: Summary): Markup | false {
  const { injection: rows, traffic } = summary;
  if (rows.length + traffic.length === 0) return false;
  const injected = rows.reduce((sum, row) => sum + row.injected, 0);
  return html`<section id="injection">
  <h2>Proof of injection</h2>
  <p class="lede">${
    rows.length === 0
      ? 'No fault was counted.'
      : `${number(injected)} injections. A fault that met no traffic would prove nothing.`
  }</p>
  ${rows.length > 0 && injectionTable(rows)}
  ${figure({
    paint: (narrow) => paintTraffic(summary, narrow),
    alternative: `Answers a second through each proxy, injected against organic. ${traffic
      .map(
        (proxy) =>
          `${proxy.proxy} under the faults: ${proxy.during.injected} injected, ${proxy.during.organicErrors} organic errors, ${proxy.during.organicOk} organic good answers`,
      )
      .join('; ')}.`,
    legend: [
      ['quiet', '', 'organic, good'],
      ['bad', '', 'organic, error'],
      ['fault', '', 'injected or changed by a fault'],
    ],
    caption:
      'Answers a second through each proxy (bytes where it sees no more than connections). Organic is what Faultline did not make; only that is held against the system.',
  })}
  ${traffic.length > 0 && trafficTable(traffic)}
</section>`;
}

function injectionTable(rows: Summary['injection']): Markup {
  return table(
    'Faults, by step',
    [
      { name: 'Step' },
      { name: 'Fault' },
      { name: 'Toxicity', kind: 'num' },
      { name: 'Matched', kind: 'num' },
      { name: 'Injected', kind: 'num' },
      { name: 'Share', kind: 'num' },
      { name: 'Left alone' },
    ],
    rows.map((row) => ({
      cells: [
        `${row.step}. ${row.stepName}`,
        html`<span>${row.place}: ${row.sentence} <span class="muted">(${row.type})</span></span>`,
        row.toxicity,
        row.counted ? number(row.matched) : UNKNOWN,
        !row.counted
          ? html`<span class="muted">not counted</span>`
          : row.injected === 0 || row.met === false
            ? html`<span class="bad">${number(row.injected)}</span>`
            : number(row.injected),
        percent(row.share),
        Object.entries(row.skipped)
          .map(([reason, count]) => `${reason}:\u00a0${number(count)}`)
          .join(', ') || UNKNOWN,
      ],
    })),
  );
}

function trafficTable(traffic: Summary['traffic']): Markup {
  return table(
    'Traffic, by proxy',
    [
      { name: 'Proxy', kind: 'probe' },
      { name: 'Before', kind: 'num' },
      { name: 'Under faults', kind: 'num' },
      { name: 'After', kind: 'num' },
      { name: 'Injected', kind: 'num' },
      { name: 'Organic errors', kind: 'num' },
      { name: 'Answers by status' },
    ],
    traffic.map((proxy) => ({
      cells: [
        proxy.proxy,
        rate(proxy, proxy.before),
        rate(proxy, proxy.during),
        rate(proxy, proxy.after),
        number(proxy.before.injected + proxy.during.injected + proxy.after.injected),
        number(proxy.before.organicErrors + proxy.during.organicErrors + proxy.after.organicErrors),
        statuses(proxy.statuses),
      ],
    })),
  );
}

function statuses(all: Summary['traffic'][number]['statuses']): string {
  const told = all.slice(0, 5).map(({ status, organic, injected }) => {
    const parts = [
      ...(organic > 0 ? [`${number(organic)} organic`] : []),
      ...(injected > 0 ? [`${number(injected)} injected`] : []),
    ];
    return `${status}: ${parts.join(' + ')}`;
  });
  return [...told, ...(all.length > 5 ? [`${all.length - 5} more`] : [])].join('; ') || UNKNOWN;
}
