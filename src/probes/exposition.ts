/** Prometheus' text format, version 0.0.4: `name{label="value",…} number [timestamp]`, one series a line. */

export interface Selector {
  readonly name: string;
  /** Labels that a series must have with exactly this value; others are free. */
  readonly labels: ReadonlyMap<string, string>;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,?)/y;

/** Reads `name` or `name{label="value"}`; undefined where it is neither. */
export function parseSelector(text: string): Selector | undefined {
  const series = parseSeries(text.trim());
  return series && series.rest === '' ? series : undefined;
}

/** Sum over the series that match; undefined where none does. */
export function sumOf(page: string, selector: Selector): number | undefined {
  let sum: number | undefined;
  for (const line of page.split('\n')) {
    if (!line.startsWith(selector.name)) continue;
    const series = parseSeries(line);
    if (series?.name !== selector.name) continue;
    if (![...selector.labels].every(([label, value]) => series.labels.get(label) === value)) continue;
    const value = parseNumber(series.rest.trim().split(/\s+/)[0]!);
    if (value !== undefined) sum = (sum ?? 0) + value;
  }
  return sum;
}

function parseSeries(line: string): (Selector & { readonly rest: string }) | undefined {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  const labels = new Map<string, string>();
  let at = name.length;
  while (line[at] === ' ') at++;
  if (line[at] !== '{') return { name, labels, rest: line.slice(name.length) };
  at++;
  for (;;) {
    LABEL.lastIndex = at;
    const label = LABEL.exec(line);
    if (!label) break;
    labels.set(label[1]!, unescapeLabel(label[2]!));
    at = LABEL.lastIndex;
    if (label[3] === '') break;
  }
  while (line[at] === ' ') at++;
  return line[at] === '}' ? { name, labels, rest: line.slice(at + 1) } : undefined;
}

function unescapeLabel(value: string): string {
  return value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

function parseNumber(text: string): number | undefined {
  if (/^[+]?Inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-Inf$/i.test(text)) return Number.NEGATIVE_INFINITY;
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? undefined : value;
}
