import type { Summary } from '../summary.ts';
import { actionsTold } from '../told/actions.ts';
import { breakingTold } from '../told/breaking.ts';
import { clientsTold } from '../told/clients.ts';
import { impactTold } from '../told/impact.ts';
import type { Told } from '../told/told.ts';
import { trendTold } from '../told/trend.ts';
import { hypothesis, injection, probes } from './evidence.ts';
import { first, spread } from './first.ts';
import { lessons } from './lessons.ts';
import { loads } from './loads.ts';
import type { Markup } from './markup.ts';
import { page } from './page.ts';
import { environment, experiment, timeline } from './record.ts';
import { limits, rollback } from './safety.ts';
import { toldSection } from './told.ts';

/** The report of a run as one page. */
export function renderHtml(summary: Summary): string {
  const sections: readonly (readonly [id: string, name: string, Markup | false])[] = [
    ['cascade', 'How it spread', spread(summary)],
    ['lessons', 'Lessons', lessons(summary)],
    ...told(actionsTold(summary), impactTold(summary), breakingTold(summary)),
    ['hypothesis', 'Hypothesis', hypothesis(summary)],
    ['probes', 'Probes', probes(summary)],
    ['injection', 'Injection', injection(summary)],
    ...told(clientsTold(summary)),
    ['rollback', 'Rollback', rollback(summary)],
    ['limits', 'Limits', limits(summary)],
    ['load', 'Load', loads(summary)],
    ...told(trendTold(summary)),
    ['timeline', 'Timeline', timeline(summary)],
    ['environment', 'Environment', environment(summary)],
    ['experiment', 'Experiment', experiment(summary)],
  ];
  return page({
    title: summary.run.title,
    header: first(summary),
    sections: sections.flatMap(([id, name, section]) => (section === false ? [] : [{ id, name, section }])),
    footer: `Made by Faultline${summary.environment.version === null ? '' : ` ${summary.environment.version}`} from the journal of run ${summary.run.id}.`,
  });
}

function told(...sections: readonly (Told | false)[]): (readonly [string, string, Markup])[] {
  return sections.flatMap((one) => (one === false ? [] : [[one.id, one.name, toldSection(one)] as const]));
}
