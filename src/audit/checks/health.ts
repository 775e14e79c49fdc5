import { z } from 'zod';
import type { Flaw } from '../contract.ts';
import { type CheckContext, checkKind, NOTHING, plainUrl } from './kind.ts';

const schema = z
  .strictObject({
    url: plainUrl('The health endpoint.'),
    users: z
      .array(plainUrl('A URL.'))
      .min(1)
      .describe('What users ask for, by GET; the health endpoint must say whether they get it.'),
  })
  .describe('Asks the health endpoint and, at the same moment, what users ask; they must agree.');

const REMEDY =
  'Let readiness tell what users feel: the state of pools and queues and the age of the oldest unfinished work, not only that the process answers.';

export const health = checkKind<z.output<typeof schema>>({
  schema,
  answers: 'observability',
  addresses: ({ url, users }) => [url, ...users],
  async run({ url, users }, context) {
    const [said, ...felt] = await Promise.all([url, ...users].map((one) => outcomeOf(one, context)));
    const failing = felt.filter(({ ok }) => !ok);
    const told = [`${said!.path}: ${said!.how}`, ...felt.map(({ path, how }) => `${path}: ${how}`)];
    if (said!.ok && failing.length > 0) {
      const claim = `${said!.path} says that all is well while users are not served.`;
      return { ...NOTHING, flaws: [flaw('silent', 'high', claim, told)] };
    }
    if (!said!.ok && failing.length === 0) {
      const claim = `${said!.path} says that the system is ill while users are served.`;
      return { ...NOTHING, flaws: [flaw('false-alarm', 'medium', claim, told)] };
    }
    if (!said!.ok) return { ...NOTHING, untold: [`the system is ill at this moment (${told.join('; ')})`] };
    // That it would notice an illness is for an experiment to show.
    return { ...NOTHING, shown: [`${said!.path} and its users agree that all is well`], weak: true };
  },
});

interface Outcome {
  readonly path: string;
  readonly ok: boolean;
  readonly how: string;
}

async function outcomeOf(url: string, { ask }: CheckContext): Promise<Outcome> {
  const path = new URL(url).pathname;
  const answer = await ask({ url });
  if ('failed' in answer) return { path, ok: false, how: answer.failed };
  return { path, ok: answer.status < 400, how: `answered ${answer.status}` };
}

function flaw(slug: string, severity: Flaw['severity'], claim: string, evidence: readonly string[]): Flaw {
  return { slug, severity, claim, evidence, remedy: REMEDY };
}
