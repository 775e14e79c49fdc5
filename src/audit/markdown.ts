import { duration, moment } from '../report/format.ts';
import { bullets, fenced, heading, plain, table } from '../report/markdown/text.ts';
import { AREAS, type Area, CHECKS } from './catalogue.ts';
import type { Audit, PlanItem } from './contract.ts';
import { mendsOf, standing, statusWord, VERDICT_WORDS } from './words.ts';

/** The audit as a Markdown page: the same sections as the HTML. */
export function renderMarkdown(audit: Audit): string {
  const blocks = [...first(audit), ...checks(audit), ...findings(audit), ...plan(audit), ...record(audit)];
  return `${blocks.join('\n\n')}\n`;
}

function first({ title, verdict, startedAt, alarms }: Audit): string[] {
  return [
    heading(1, title),
    `Faultline audit, ${moment(startedAt)}`,
    `**${VERDICT_WORDS[verdict.word].word}.** ${plain(verdict.headline)}`,
    ...(verdict.why.length > 0 ? [bullets(verdict.why.map(plain))] : []),
    ...alarms.map(
      (alarm) =>
        `**It is not proven that every fault was taken back: ${plain(alarm)}.** Look at the data plane before anything else.`,
    ),
  ];
}

function checks({ checks: rows }: Audit): string[] {
  return [
    heading(2, 'The fifteen checks'),
    ...(Object.keys(AREAS) as Area[]).flatMap((area) => [
      heading(3, AREAS[area]),
      table(
        ['Check', 'Status', 'What it stands on'],
        rows
          .filter(({ check }) => CHECKS[check].area === area)
          .map((row) => [
            plain(CHECKS[row.check].title),
            row.status === 'failed' ? `**${row.status}**` : statusWord(row),
            standing(row).map(plain).join('<br>'),
          ]),
      ),
    ]),
  ];
}

function findings({ findings: all }: Audit): string[] {
  if (all.length === 0) return [heading(2, 'Findings'), 'Nothing was found.'];
  return [
    heading(2, 'Findings'),
    ...all.flatMap(({ severity, claim, evidence, remedy, check, source, retest }) => [
      heading(3, `${severity}: ${claim}`),
      bullets(evidence.map(plain)),
      `${plain(CHECKS[check].title)}, by ${plain(source.name)}. Test it again: \`${retest}\``,
      `**Remedy.** ${plain(remedy)}`,
    ]),
  ];
}

function plan(audit: Audit): string[] {
  const line = (item: PlanItem) =>
    item.severity === null
      ? plain(item.action)
      : `**${item.severity}** ${plain(item.action)} (${mendsOf(item, audit).map(plain).join(' ')})`;
  return [
    heading(2, 'What to do'),
    ...audit.plan.flatMap(({ title, weeks, items }, index) => [
      heading(3, `Phase ${index + 1}, ${weeks}: ${title}`),
      items.length === 0 ? 'Nothing.' : bullets(items.map(line)),
    ]),
  ];
}

function record({
  parts,
  id,
  startedAt,
  endedAt,
  interrupted,
  environment,
  faultline,
  suite,
}: Audit): string[] {
  return [
    heading(2, 'What was played'),
    table(
      ['Part', 'Kind', 'Outcome', 'Took', 'What it told'],
      parts.map(({ source, outcome, sentence, ms }) => [
        plain(source.name),
        source.kind,
        plain(outcome),
        duration(ms),
        plain(sentence),
      ]),
    ),
    heading(2, 'Where and how'),
    bullets([
      `Audit: ${plain(id)}`,
      `Began ${moment(startedAt)}, ${endedAt === null ? 'no end recorded' : `ended ${moment(endedAt)}`}`,
      ...(interrupted === null ? [] : [`It did not play its whole suite: ${plain(interrupted)}`]),
      `Environment: ${plain(environment)}; Faultline ${plain(faultline)}`,
      `Suite: ${plain(suite.file)}, sha256 ${plain(suite.hash)}`,
    ]),
    fenced(suite.text, 'yaml'),
  ];
}
