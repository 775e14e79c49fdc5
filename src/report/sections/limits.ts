import { type Approach, approaches } from '../../lessons/view/limits.ts';
import type { RunView } from '../../lessons/view/view.ts';
import type { LimitRow } from '../summary.ts';
import { orNull } from './base.ts';
import { testRows } from './judged.ts';

/** Each limit with the probe that came nearest to it. */
export function limitRows(view: RunView): readonly LimitRow[] {
  const nearest = new Map<Approach['rule'], Approach>();
  for (const one of approaches(view)) {
    const known = nearest.get(one.rule);
    if (!known || one.used > known.used) nearest.set(one.rule, one);
  }
  const rules = [...nearest.values()].map(({ rule, probe, worst, used, breached, sentence }) => ({
    rule: rule.text,
    watches: rule.probe === '*' ? 'every probe' : rule.probe,
    source: rule.source === 'experiment' ? 'experiment' : 'safety limits',
    nearest: probe,
    measure: rule.measure,
    worst: orNull(worst),
    used,
    breached,
    sentence,
  }));
  return [...rules, ...testRows(view)].sort(
    (a, b) => Number(b.breached) - Number(a.breached) || b.used - a.used,
  );
}
