import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { reasonOf } from '../../core/reason.ts';
import type { CheckId } from '../catalogue.ts';
import type { FindingSeverity, Told } from '../contract.ts';
import { type CheckContext, type CheckKind, checkKind, NOTHING, plainUrl, together } from './kind.ts';

/** Something that must not stand in a log or on a page. */
export interface Trace {
  readonly slug: string;
  /** `an API key`. */
  readonly what: string;
  readonly severity: FindingSeverity;
  found(line: string): boolean;
}

const MOST_PLACES = 5;
/** A line is looked at as far as this: patterns must not be slow on what a stranger wrote into a log. */
const LINE_CAP = 8192;

/** A kind of check that reads logs and pages, and looks for traces. What it finds is told by its place, never quoted. */
export function traceKind(options: {
  readonly answers: CheckId;
  readonly description: string;
  readonly traces: readonly Trace[];
  readonly remedy: string;
}): CheckKind<z.output<typeof schema>> {
  return checkKind({
    schema: schema.describe(options.description),
    answers: options.answers,
    addresses: ({ pages }) => pages,
    async run({ files, pages }, context) {
      const told: Told[] = [];
      for (const file of files) {
        const lines = createInterface({ input: createReadStream(resolve(context.folder, file)) });
        told.push(await search(file, lines, options));
      }
      for (const url of pages) told.push(await searchPage(url, context, options));
      return together(told);
    },
  });
}

const schema = z
  .strictObject({
    files: z
      .array(z.string().min(1))
      .default([])
      .describe('Logs and other text files, from the folder of the suite.'),
    pages: z.array(plainUrl('A URL.')).default([]).describe('Pages to read.'),
  })
  .refine(({ files, pages }) => files.length + pages.length > 0, { error: 'give files or pages to look at' });

interface Search {
  readonly traces: readonly Trace[];
  readonly remedy: string;
}

async function searchPage(url: string, { ask }: CheckContext, given: Search): Promise<Told> {
  const { pathname } = new URL(url);
  const answer = await ask({ url });
  if ('failed' in answer) return { ...NOTHING, untold: [`${pathname}: ${answer.failed}`] };
  return search(pathname, answer.body.split('\n'), given);
}

async function search(
  name: string,
  lines: AsyncIterable<string> | Iterable<string>,
  { traces, remedy }: Search,
): Promise<Told> {
  const places = new Map<Trace, number[]>(traces.map((trace) => [trace, []]));
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      for (const [trace, found] of places) if (trace.found(line.slice(0, LINE_CAP))) found.push(number);
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { ...NOTHING, untold: [`${name}: ${missing ? 'there is no such file' : reasonOf(error)}`] };
  }
  const found = [...places].filter(([, at]) => at.length > 0);
  if (found.length === 0) return { ...NOTHING, shown: [`${name}: nothing in ${number} lines`] };
  return {
    ...NOTHING,
    flaws: found.map(([{ slug, what, severity }, at]) => ({
      slug: `${slug} ${name}`,
      severity,
      claim: `${name} holds ${what}.`,
      evidence: [`on ${at.length} of ${number} lines, such as ${at.slice(0, MOST_PLACES).join(', ')}`],
      remedy,
    })),
  };
}
