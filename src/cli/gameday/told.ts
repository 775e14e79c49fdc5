import type { GameDayView, ItemView } from '../../gameday/view.ts';

/** What is new in a game day since it was last told, in lines. */
export function news(before: GameDayView | undefined, now: GameDayView): readonly string[] {
  return [
    ...(before ? [] : opening(now)),
    ...now.log
      .slice(before?.log.length ?? 0)
      .map(({ by, kind, text }) => `  ${by}: ${kind === 'note' ? `“${text}”` : text}`),
    ...now.items.flatMap((item, index) => itemNews(before?.items[index], item, index, now)),
  ];
}

function opening({ title, people, items, id }: GameDayView): string[] {
  return [
    title,
    `  game day ${id}`,
    `  ${people.map(({ name, role }) => `${name} (${role})`).join(', ')}`,
    ...items.map(
      ({ title: name, experiment }, index) =>
        `  ${index + 1}. ${name}${experiment === null ? '' : ` – ${experiment}`}`,
    ),
  ];
}

function itemNews(
  before: ItemView | undefined,
  now: ItemView,
  index: number,
  { items }: GameDayView,
): string[] {
  const name = `item ${index + 1} of ${items.length}, ${now.title}`;
  const lines: string[] = [];
  const became = (phase: ItemView['phase']) => now.phase === phase && before?.phase !== phase;
  if (became('gate')) {
    const opens = now.opensAt === null ? '' : `; it opens by itself at ${now.opensAt}`;
    lines.push(`${name}: at its gate${opens}`, `  ${now.prompt}`);
  }
  const predicted = now.predicted.slice(before?.predicted.length ?? 0);
  if (predicted.length > 0) lines.push(`  predicted: ${predicted.join(', ')} (shown when the item is over)`);
  if (became('running')) lines.push(`${name}: begins`);
  if (now.run !== null && before?.run !== now.run) lines.push(`  run ${now.run}`);
  if (now.alone && !before?.alone) lines.push('  the run goes on by itself; it can only be stopped');
  if (now.step && before?.step?.index !== now.step.index)
    lines.push(`  step ${now.step.index + 1}: ${now.step.name}`);
  if (now.waiting && !before?.waiting)
    lines.push(`  held before step ${now.waiting.index + 1}: ${now.waiting.name}; "go" or "skip"`);
  if (became('skipped')) lines.push(`${name}: left out`);
  if (became('played')) {
    lines.push(`${name}: ${now.end?.sentence ?? 'over'}`);
    for (const { by, text } of now.predictions ?? []) lines.push(`  ${by} had predicted: ${text}`);
  }
  return lines;
}
