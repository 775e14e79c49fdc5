import type { Summary } from '../summary.ts';
import { actionsTold } from '../told/actions.ts';
import { breakingTold } from '../told/breaking.ts';
import { impactTold } from '../told/impact.ts';
import type { Told } from '../told/told.ts';
import { trendTold } from '../told/trend.ts';
import { hypothesis, injection, probes } from './evidence.ts';
import { first, spread } from './first.ts';
import { lessons } from './lessons.ts';
import { html, type Markup, raw } from './markup.ts';
import { environment, experiment, timeline } from './record.ts';
import { limits, load, rollback } from './safety.ts';
import { STYLES } from './styles.ts';
import { toldSection } from './told.ts';

/**
 * The policy lets the page load nothing and run nothing: should markup from a journal ever slip through, it is dead, and the
 * report can be opened anywhere without telling anybody.
 */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** One page that needs nothing else: no script, no request. Light and dark, narrow and wide, and on paper. */
export function renderHtml(summary: Summary): string {
  const sections: readonly (readonly [id: string, name: string, Markup | false])[] = [
    ['cascade', 'How it spread', spread(summary)],
    ['lessons', 'Lessons', lessons(summary)],
    ...told(actionsTold(summary), impactTold(summary), breakingTold(summary)),
    ['hypothesis', 'Hypothesis', hypothesis(summary)],
    ['probes', 'Probes', probes(summary)],
    ['injection', 'Injection', injection(summary)],
    ['rollback', 'Rollback', rollback(summary)],
    ['limits', 'Limits', limits(summary)],
    ['load', 'Load', load(summary)],
    ...told(trendTold(summary)),
    ['timeline', 'Timeline', timeline(summary)],
    ['environment', 'Environment', environment(summary)],
    ['experiment', 'Experiment', experiment(summary)],
  ];
  const shown = sections.filter(([, , section]) => section !== false);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${summary.run.title} – Faultline</title>
<style>${raw(STYLES)}</style>
</head>
<body>
${first(summary)}
<main>
<nav aria-label="Sections"><ul class="contents">${shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${shown.map(([, , section]) => section)}
</main>
<footer>Made by Faultline${summary.environment.version !== null && ` ${summary.environment.version}`} from the journal of run ${summary.run.id}.</footer>
</body>
</html>
`;
  return page.text;
}

function told(...sections: readonly (Told | false)[]): (readonly [string, string, Markup])[] {
  return sections.flatMap((one) => (one === false ? [] : [[one.id, one.name, toldSection(one)] as const]));
}
