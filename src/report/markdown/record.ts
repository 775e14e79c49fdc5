import { clockTime, duration, moment, since, UNKNOWN } from '../format.ts';
import type { Summary } from '../summary.ts';
import { bullets, fenced, heading, plain, table } from './text.ts';

export function cascade({ story, cascade: facts }: Summary): string[] {
  if (story.length === 0) return [];
  const rows = facts.left.map((row) => [
    plain(row.probe),
    since(row.leftS),
    plain(row.expectation),
    since(row.returnedS),
  ]);
  return [
    heading(2, 'How it spread'),
    ...story.map(({ heading: name, text }) => `**${name}.** ${plain(text)}`),
    ...(rows.length > 0 ? [table(['Probe', 'Left its baseline', 'Missed first', 'Returned'], rows)] : []),
    ...(facts.suffered.length > 0
      ? [
          bullets(
            facts.suffered.map(
              ({ proxy, change }) => `${plain(proxy)} had no fault and suffered: ${plain(change)}`,
            ),
          ),
        ]
      : []),
  ];
}

export function lessons({ lessons: found, notFound, notAssessed }: Summary): string[] {
  if (found.length + notFound.length + notAssessed.length === 0) return [];
  return [
    heading(2, 'What the run teaches'),
    ...found.flatMap((lesson) => [
      heading(3, `${lesson.severity}: ${lesson.claim}`),
      bullets(lesson.evidence.map(plain)),
      `${lesson.severity === 'good' ? '' : '**Remedy.** '}${plain(lesson.remedy)}`,
      ...(lesson.nextExperiment ? [`**Next experiment.** ${plain(lesson.nextExperiment)}`] : []),
    ]),
    ...(notFound.length > 0
      ? [heading(3, 'Asked, and nothing found'), bullets(notFound.map(({ question }) => plain(question)))]
      : []),
    ...(notAssessed.length > 0
      ? [
          heading(3, 'Not assessed'),
          bullets(notAssessed.map(({ question, why }) => plain(`${question} Not told: ${why}.`))),
        ]
      : []),
  ];
}

export function timeline({ timeline: entries, run }: Summary): string[] {
  if (entries.length === 0) return [];
  return [
    heading(2, 'Timeline'),
    table(
      ['Wall time (UTC)', `Since the ${run.zero}`, 'What happened'],
      entries.map((entry) => [clockTime(entry.t), since(entry.s), plain(entry.text)]),
    ),
  ];
}

export function environment({ environment: facts, run, gates, verdict }: Summary): string[] {
  return [
    heading(2, 'Where and how it ran'),
    bullets([
      `Run: ${plain(run.id)}`,
      `Began ${moment(run.startedAt)}, ${run.endedAt === null ? 'no end recorded' : `ended ${moment(run.endedAt)}`} (${duration(run.durationMs)})`,
      ...(verdict.exit === null ? [] : [`Exit code: ${verdict.exit}`]),
      ...(facts.timeScale === null ? [] : [`Time scale: ${plain(facts.timeScale)}`]),
      `Faultline ${plain(facts.version ?? UNKNOWN)}, seed ${facts.seed ?? UNKNOWN}`,
      `Data plane: ${plain(facts.control ?? UNKNOWN)}${facts.dataPlane === null ? '' : `, ${plain(facts.dataPlane)}`}`,
      ...facts.proxies.map(({ name, protocol, listen, upstream }) =>
        plain(`${name}: ${protocol}, ${listen} to ${upstream}`),
      ),
      ...gates.map(({ gate, passed, detail }) =>
        plain(`Gate "${gate}" ${passed ? 'passed' : 'refused'}: ${detail}`),
      ),
    ]),
  ];
}

export function experiment({ experiment: source }: Summary): string[] {
  if (source.text === '') return [];
  return [
    heading(2, 'The experiment'),
    `${plain(source.file)}, sha256 ${plain(source.hash)}`,
    fenced(source.text, 'yaml'),
  ];
}
