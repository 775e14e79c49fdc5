import { z } from 'zod';
import { expandAll } from '../../probes/secrets.ts';
import type { Told } from '../contract.ts';
import { type CheckContext, checkKind, NOTHING, plainUrl, together } from './kind.ts';

const ROUTE = /^(?:([A-Z]+) )?(\/(?![/\\]).*)$/;

const headers = z.record(z.string(), z.string()).describe('Request headers; values may hold ${NAME}.');

const schema = z
  .strictObject({
    url: plainUrl('Where the API is.'),
    routes: z
      .array(z.string().regex(ROUTE, { error: () => 'expected a route such as GET /workspaces/1' }))
      .min(1)
      .describe('Routes that strangers may not use, such as "GET /workspaces/1".'),
    owner: z
      .strictObject({ headers })
      .optional()
      .describe(
        'Somebody who may use them. With one a route that answers 404 to strangers counts as refused, and a forged credential is tried too.',
      ),
    strangers: z
      .array(z.strictObject({ who: z.string().min(1).describe('Who that is: "another customer".'), headers }))
      .default([])
      .describe('People with credentials of their own who may not use these routes either.'),
  })
  .describe('Asks listed routes without credentials; each must be refused.');
type Spec = z.output<typeof schema>;

const REMEDY =
  'Refuse by default: let one place before all routes ask who calls and whether they own what they ask for, and let a route be open only by a decision that names it.';

export const refuses = checkKind<Spec>({
  schema,
  answers: 'api-security',
  addresses: ({ url }) => [url],
  async run(spec, context) {
    const told: Told[] = [];
    for (const route of spec.routes) told.push(await askRoute(route, spec, context));
    return together(told);
  },
});

async function askRoute(route: string, spec: Spec, context: CheckContext): Promise<Told> {
  const [, method = 'GET', path] = ROUTE.exec(route)!;
  const url = `${spec.url.replace(/\/+$/, '')}${path}`;
  const ask = (headers: Readonly<Record<string, string>>) => context.ask({ method, url, headers });
  const mine = spec.owner && expandAll(spec.owner.headers, context.variables);

  const known = mine && (await ask(mine));
  if (known && ('failed' in known || known.status >= 400)) {
    const how = 'failed' in known ? known.failed : `answered ${known.status}`;
    return { ...NOTHING, untold: [`${route} as its owner: ${how}, so that a refusal would show nothing`] };
  }
  const callers: readonly (readonly [who: string, headers: Readonly<Record<string, string>>])[] = [
    ['somebody without credentials', {}],
    ...(mine ? [['somebody with a forged credential', forged(mine)] as const] : []),
    ...spec.strangers.map(({ who, headers }) => [who, expandAll(headers, context.variables)] as const),
  ];
  const told: Told[] = [];
  for (const [who, headers] of callers) {
    const answer = await ask(headers);
    if ('failed' in answer) told.push({ ...NOTHING, untold: [`${route} asked by ${who}: ${answer.failed}`] });
    else told.push(judge(route, who, answer.status, known !== undefined));
  }
  return together(told);
}

/** @param exists the route answers those who may use it, so that 404 hides it from the others */
function judge(route: string, who: string, status: number, exists: boolean): Told {
  if ([401, 403, 407].includes(status) || (exists && status === 404)) {
    return { ...NOTHING, shown: [`${route} is refused to ${who} (${status})`] };
  }
  if (status < 300) {
    const flaw = {
      slug: `open ${route} ${who}`,
      severity: 'critical' as const,
      claim: `${route} answers ${who}.`,
      evidence: [`asked by ${who}, it answered ${status} where 401 or 403 is due`],
      remedy: REMEDY,
    };
    return { ...NOTHING, flaws: [flaw] };
  }
  return {
    ...NOTHING,
    untold: [`${route} asked by ${who} answered ${status}, which neither opens nor refuses it`],
  };
}

/** The same headers with values that nobody was given, of the same form. */
function forged(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const scheme = /^(?:bearer|basic|token)\s+/i.exec(value)?.[0] ?? '';
      const rest = value.slice(scheme.length);
      return [name, `${scheme}${rest.replace(/[A-Za-z]/g, 'x').replace(/\d/g, '0')}x0`];
    }),
  );
}
