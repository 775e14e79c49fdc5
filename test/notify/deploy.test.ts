import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findProgram } from '../../src/proxy/files.ts';
import { metricsPage } from '../support/metrics-page.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(root, path), 'utf8');

/** Other tests hold the page against what both planes show. */
const known = new Map([...metricsPage('data'), ...metricsPage('control')]);

/** Labels that Prometheus adds to whatever it reads. */
const ADDED = ['instance', 'job'];

/** Metrics of an expression that there are not, and labels that theirs have not. */
function unknownIn(expression: string): readonly string[] {
  const asked = [...expression.matchAll(/((?:faultline|toxiproxy)_\w+)(?:\{([^}]*)\})?/g)];
  const by = [...expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, labels]) =>
    labels!.split(', '),
  );
  return asked.flatMap(([, name, selector]) => {
    const labels = known.get(name!)?.labels;
    if (!labels) return [name!];
    const selected = [...(selector ?? '').matchAll(/(\w+)[=!]/g)].map(([, label]) => label!);
    return [...by, ...selected].filter((label) => !labels.includes(label) && !ADDED.includes(label));
  });
}

describe('the Grafana dashboard', () => {
  const { panels, templating } = JSON.parse(read('deploy/grafana/faultline-dashboard.json'));
  const expressions: string[] = panels.flatMap((panel: { targets?: { expr: string }[] }) =>
    (panel.targets ?? []).map(({ expr }) => expr),
  );

  it('asks only for metrics that there are, by labels that they have', () => {
    expect(expressions.length).toBeGreaterThan(20);
    const asked = [...expressions, templating.list[1].query.query];
    expect(asked.flatMap(unknownIn)).toEqual([]);
    expect(unknownIn('sum by (prox) (faultline_faults_active{kind="x"} + faultline_fault)')).toEqual([
      'prox',
      'kind',
      'faultline_fault',
    ]);
  });

  it('has no two panels of one id, and none over another', () => {
    const ids = panels.map(({ id }: { id: number }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const places = panels.map(
      ({ gridPos }: { gridPos: { x: number; y: number } }) => `${gridPos.x},${gridPos.y}`,
    );
    expect(new Set(places).size).toBe(places.length);
  });
});

describe('the alerts', () => {
  const { groups } = parse(read('deploy/prometheus/alerts.yaml'));
  const rules: { alert: string; expr: string; labels: object; annotations: Record<string, string> }[] =
    groups.flatMap((group: { rules: unknown[] }) => group.rules);

  it('ask only for metrics that there are, by labels that they have, and say only what they know', () => {
    expect(rules.length).toBeGreaterThan(8);
    expect(rules.flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
    for (const { alert, expr, annotations } of rules) {
      const kept = /^sum by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ');
      const said = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
      for (const label of kept ? said : []) expect(kept, alert).toContain(label);
      expect(Object.keys(annotations), alert).toEqual(['summary', 'description']);
    }
  });

  it('are each played in their own tests', () => {
    const tests = read('deploy/prometheus/alerts.test.yaml');
    const played = new Set([...tests.matchAll(/alertname: (\w+)/g)].map(([, name]) => name));
    expect([...played].toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
    const promtool = findProgram(['promtool']);
    if (promtool === undefined) return;
    const file = resolve(root, 'deploy/prometheus/alerts.test.yaml');
    const { status, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('the workflow for pull requests', () => {
  const { jobs, on } = parse(read('deploy/github/chaos.yml'));
  const steps: Record<string, unknown>[] = jobs.experiment.steps;

  it('fails with the run, and keeps the report all the same', () => {
    expect(Object.keys(on)).toEqual(['pull_request']);
    const run = steps.findIndex((step) => String(step.run).includes('faultline run'));
    expect(steps[run]).toMatchObject({ run: 'npx faultline run "$EXPERIMENT"' });
    expect(steps.filter((step) => 'continue-on-error' in step)).toEqual([]);
    const after = steps.slice(run + 1);
    expect(after.map((step) => step.if)).toEqual(['${{ !cancelled() }}', '${{ !cancelled() }}']);
    expect(JSON.stringify(after)).toContain('report.junit.xml');
  });
});
