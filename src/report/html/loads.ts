import { trafficFigure } from '../load/charts.ts';
import type { Summary } from '../summary.ts';
import { loadsTold, nameOf } from '../told/loads.ts';
import { html, type Markup } from './markup.ts';
import { toldSection } from './told.ts';

/** What is told of the loads, with a picture for each that had stages. */
export function loads(summary: Summary): Markup | false {
  const told = loadsTold(summary);
  if (told === false) return false;
  const pictures = summary.loads.flatMap((load, index) => {
    const { stages, seen } = load;
    const picture = seen?.traffic && trafficFigure({ stages, traffic: seen.traffic, id: `l${index}` });
    if (!picture) return [];
    return [summary.loads.length === 1 ? picture : html`<h3>Load of ${nameOf(load)}</h3>${picture}`];
  });
  return toldSection(told, pictures);
}
