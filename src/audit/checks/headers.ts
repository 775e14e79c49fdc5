import { z } from 'zod';
import type { Fetched } from '../../probes/fetch.ts';
import type { Flaw } from '../contract.ts';
import { checkKind, NOTHING, plainUrl } from './kind.ts';

const schema = z
  .strictObject({ url: plainUrl('Page or route to ask for.') })
  .describe('Looks at the headers that a browser is protected by, and at what they tell strangers.');

/** Nobody's site: what lets this one in lets anyone in. */
const STRANGER = 'https://stranger.invalid';

interface Rule {
  readonly shown: string;
  /** What is wrong with an answer; undefined where nothing is. */
  flaw(answer: Page): Flaw | undefined;
}

interface Page {
  readonly url: string;
  header(name: string): string;
  readonly cookies: readonly string[];
}

const RULES: readonly Rule[] = [
  {
    shown: 'other sites may not read it with the credentials of its users',
    flaw({ header, url }) {
      const origin = header('access-control-allow-origin');
      if (origin !== STRANGER || header('access-control-allow-credentials') !== 'true') return undefined;
      return {
        slug: 'any-origin',
        severity: 'high',
        claim: 'Any site can read answers with the credentials of a visitor.',
        evidence: [`${pathOf(url)} allows the origin ${STRANGER}, with credentials`],
        remedy:
          'Answer Access-Control-Allow-Origin only for origins on a list, never by repeating what was asked.',
      };
    },
  },
  {
    shown: 'its types are not guessed',
    flaw: ({ header, url }) =>
      header('x-content-type-options').toLowerCase() === 'nosniff'
        ? undefined
        : lacking('nosniff', 'low', 'X-Content-Type-Options: nosniff', url, 'guess the type of an answer'),
  },
  {
    shown: 'its pages cannot be framed at will',
    flaw({ header, url }) {
      if (!header('content-type').includes('text/html')) return undefined;
      if (header('x-frame-options') || /frame-ancestors/i.test(header('content-security-policy')))
        return undefined;
      const what = 'Content-Security-Policy with frame-ancestors';
      return lacking('framing', 'medium', what, url, 'show the page inside another site');
    },
  },
  {
    shown: 'browsers keep to HTTPS',
    flaw({ header, url }) {
      if (!url.startsWith('https:') || header('strict-transport-security')) return undefined;
      return lacking('hsts', 'medium', 'Strict-Transport-Security', url, 'be led back to plain HTTP');
    },
  },
  {
    shown: 'its cookies are out of reach of scripts',
    flaw({ cookies, url }) {
      const open = cookies.filter((cookie) => !/;\s*httponly/i.test(cookie));
      if (open.length === 0) return undefined;
      return {
        slug: 'cookies',
        severity: 'medium',
        claim: 'Cookies can be read by any script on the page.',
        evidence: open.map((cookie) => `${pathOf(url)} sets "${cookie.split('=')[0]}" without HttpOnly`),
        remedy: 'Set cookies with HttpOnly, Secure and SameSite.',
      };
    },
  },
  {
    shown: 'it does not tell which version it runs on',
    flaw({ header, url }) {
      const telling = ['server', 'x-powered-by'].filter(
        (name) => /\d/.test(header(name)) || (name === 'x-powered-by' && header(name)),
      );
      if (telling.length === 0) return undefined;
      return {
        slug: 'version',
        severity: 'low',
        claim: 'Answers tell strangers what the server is built of.',
        evidence: telling.map((name) => `${pathOf(url)} answers the header ${name}`),
        remedy: 'Leave the headers Server and X-Powered-By out of answers.',
      };
    },
  },
];

export const headers = checkKind<z.output<typeof schema>>({
  schema,
  answers: 'vulnerabilities',
  addresses: ({ url }) => [url],
  async run({ url }, { ask }) {
    const answer = await ask({ url, headers: { origin: STRANGER } });
    if ('failed' in answer) return { ...NOTHING, untold: [`${pathOf(url)}: ${answer.failed}`] };
    const page = pageOf(url, answer);
    const judged = RULES.map((rule) => ({ rule, flaw: rule.flaw(page) }));
    return {
      shown: judged.filter(({ flaw }) => !flaw).map(({ rule }) => rule.shown),
      flaws: judged.flatMap(({ flaw }) => flaw ?? []),
      untold: [],
    };
  },
});

function pageOf(url: string, { headers: all }: Fetched): Page {
  const values = (name: string) => [all[name] ?? []].flat() as readonly string[];
  return { url, header: (name) => values(name).join(', '), cookies: values('set-cookie') };
}

function lacking(slug: string, severity: 'low' | 'medium', header: string, url: string, lets: string): Flaw {
  return {
    slug,
    severity,
    claim: `Without ${header} a browser may ${lets}.`,
    evidence: [`${pathOf(url)} answers without it`],
    remedy: 'Set the protective headers in one place for all answers.',
  };
}

/** Path without its query, which may hold what is nobody's business. */
function pathOf(url: string): string {
  return new URL(url).pathname;
}
