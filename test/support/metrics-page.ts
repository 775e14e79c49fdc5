import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What `docs/metrics.md` says of a plane's metrics: their type and labels, by name. */
export function metricsPage(plane: 'data' | 'control'): ReadonlyMap<string, MetricTold> {
  const whole = readFileSync(resolve(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
  const [data, control] = whole.split('## The control plane');
  const rows = (plane === 'data' ? data : control)!.matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm);
  return new Map(
    [...rows].map(([, name, type, labels]) => [
      name!,
      { type: type!, labels: [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!) },
    ]),
  );
}

interface MetricTold {
  readonly type: string;
  readonly labels: readonly string[];
}

/** Where Prometheus' text and the page differ, in sentences; of labels, those of metrics that have series. */
export function differences(text: string, page: ReadonlyMap<string, MetricTold>): readonly string[] {
  const shown = metricsShown(text);
  const all = [...new Set([...shown.keys(), ...page.keys()])];
  return all.flatMap((name) => {
    const [is, told] = [shown.get(name), page.get(name)];
    if (!is || !told) return [`${name} is ${is ? 'shown' : 'told'} only`];
    if (is.type !== told.type) return [`${name} is a ${is.type}, not a ${told.type}`];
    const labels = is.labels.toSorted().join(', ');
    const differ = labels !== '' && labels !== told.labels.toSorted().join(', ');
    return differ ? [`${name} has the labels ${labels}`] : [];
  });
}

function metricsShown(text: string): ReadonlyMap<string, MetricTold> {
  const types = text.matchAll(/^# TYPE ((?:faultline|toxiproxy)_\w+) (\w+)$/gm);
  return new Map(
    [...types].map(([, name, type]) => {
      const series = text.matchAll(new RegExp(`^${name}\\{(.*)\\} `, 'gm'));
      const labels = [...series].flatMap(([, all]) =>
        [...all!.matchAll(/(\w+)="/g)].map(([, label]) => label!),
      );
      return [name!, { type: type!, labels: [...new Set(labels)] }];
    }),
  );
}
