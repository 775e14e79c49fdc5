const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/**
 * Reads `mon-fri`, `sat,sun`, `fri-mon` as weekdays, Sunday 0.
 * @throws Error with a sentence
 */
export function parseDays(text: string): ReadonlySet<number> {
  const days = new Set<number>();
  for (const part of text.toLowerCase().split(',')) {
    const [first, last, ...rest] = part
      .trim()
      .split('-')
      .map((name) => DAYS.indexOf(name.trim() as never));
    const end = last ?? first!;
    if (first === undefined || first < 0 || end < 0 || rest.length > 0) {
      throw new Error(`"${text}" does not name days: write mon-fri, or sat,sun`);
    }
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === end) break;
    }
  }
  return days;
}

/** Minutes since midnight of `09:00`; `24:00` is the end of the day. @throws Error with a sentence */
export function parseTime(text: string): number {
  const match = /^(\d{2}):(\d{2})$/.exec(text);
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
  if (!match || Number(match[2]) > 59 || minutes > 24 * 60) {
    throw new Error(`"${text}" is not a time: write it as 09:00`);
  }
  return minutes;
}

/** The same text when it is a day of the calendar, as `2026-12-20`. @throws Error with a sentence */
export function parseDate(text: string): string {
  const date = new Date(`${text}T00:00:00Z`);
  if (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(date.getTime()) &&
    date.toISOString().startsWith(text)
  ) {
    return text;
  }
  throw new Error(`"${text}" is not a day: write it as 2026-12-20`);
}

/** The same text when it is a time zone that this machine knows. @throws Error with a sentence */
export function parseZone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new Error(`"${text}" is not a time zone: write it as Europe/Rome or UTC`);
  }
}
