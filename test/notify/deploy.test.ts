import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (path: string) => readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');

describe('the Grafana dashboard', () => {
  const { panels, templating } = JSON.parse(read('deploy/grafana/faultline-dashboard.json'));
  const expressions: string[] = panels.flatMap((panel: { targets?: { expr: string }[] }) =>
    (panel.targets ?? []).map(({ expr }) => expr),
  );
  const known = new Map(
    [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \| \w+ \|([^|]*)\|/gm)].map(([, name, labels]) => [
      name!,
      new Set([...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label)),
    ]),
  );

  it('asks only for metrics that there are, by labels that they have', () => {
    expect(expressions.length).toBeGreaterThan(20);
    for (const expression of [...expressions, templating.list[1].query.query]) {
      const [, name, selector] = /((?:faultline|toxiproxy)_\w+)(?:\{([^}]*)\})?/.exec(expression)!;
      expect(known.has(name!), expression).toBe(true);
      const by = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(', '));
      const selected = [...(selector ?? '').matchAll(/(\w+)=/g)].map(([, label]) => label!);
      for (const label of [...by, ...selected].filter((one) => one !== 'instance'))
        expect(known.get(name!)!.has(label), `${label} in ${expression}`).toBe(true);
    }
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
