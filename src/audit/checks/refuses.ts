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

const ANYBODY = 'somebody without credentials';
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
    [ANYBODY, {}],
    ...(mine ? [['somebody with a forged credential', forged(mine)] as const] : []),
    ...spec.strangers.map(({ who, headers }) => [who, expandAll(headers, context.variables)] as const),
  ];
  const open: string[] = [];
  const told: Told[] = [];
  for (const [who, headers] of callers) {
    const answer = await ask(headers);
    const seen = 'failed' in answer ? answer.failed : `answered ${answer.status}`;
    const verdict = 'failed' in answer ? 'unclear' : judge(answer.status, known !== undefined);
    if (verdict === 'refused') told.push({ ...NOTHING, shown: [`${route} is refused to ${who}`] });
    if (verdict === 'unclear') told.push({ ...NOTHING, untold: [`${route} asked by ${who}: ${seen}`] });
    if (verdict === 'open') open.push(`asked by ${who} it ${seen}, where 401 or 403 is due`);
    // What anybody may have is open to all the others too.
    if (verdict === 'open' && who === ANYBODY) break;
  }
  if (open.length === 0) return together(told);
  const flaw = {
    slug: route,
    severity: 'critical' as const,
    claim: `${route} is open to those who may not use it.`,
    evidence: open,
    remedy: REMEDY,
  };
  return together([...told, { ...NOTHING, flaws: [flaw] }]);
}

/** @param exists the route answers those who may use it, so that 404 hides it from the others */
function judge(status: number, exists: boolean): 'open' | 'refused' | 'unclear' {
  if ([401, 403, 407].includes(status) || (exists && status === 404)) return 'refused';
  return status < 300 ? 'open' : 'unclear';
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
