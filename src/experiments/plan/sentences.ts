/**
 * One sentence for a fault that changes: what differs between its start and its end stands on both sides of an arrow, as in
 * `delay each chunk by 100 ms → 2 s`.
 */
export function joinSentences(start: string, end: string): string {
  if (start === end) return start;
  const before = start.split(' ');
  const after = end.split(' ');
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const middle = (words: readonly string[]) => words.slice(head, words.length - tail).join(' ');
  if (head === 0 || middle(before) === '' || middle(after) === '') return `${start}, in the end ${end}`;
  return [
    ...before.slice(0, head),
    middle(before),
    '→',
    middle(after),
    ...before.slice(before.length - tail),
  ].join(' ');
}
