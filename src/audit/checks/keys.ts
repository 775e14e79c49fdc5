import { type Trace, traceKind } from './traces.ts';

const KEY = String.raw`(?:sk-(?:ant-|proj-)?[\w-]{16,}|AIza[\w-]{30,}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|xox[abprs]-[\w-]{10,})`;

/** Names of query parameters that carry credentials. */
export const KEY_PARAMETER =
  /^(?:api[-_]?key|key|(?:access|auth|id|refresh)?[-_]?token|secret|client[-_]?secret|pass(?:word|wd)?|pwd|sig(?:nature)?)$/i;

const IN_URL = /[?&]([\w.-]{1,40})=([^&\s"'#]{4,})/g;

const TRACES: readonly Trace[] = [
  {
    slug: 'key-in-url',
    what: 'URLs with a key in their query',
    severity: 'critical',
    found: (line) =>
      [...line.matchAll(IN_URL)].some(
        ([, name, value]) => KEY_PARAMETER.test(name!) && !/^\*+$/.test(value!),
      ),
  },
  { slug: 'key', what: 'what looks like the key of a provider', severity: 'critical', found: matcher(KEY) },
  {
    slug: 'private-key',
    what: 'a private key',
    severity: 'critical',
    found: matcher('-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----'),
  },
  {
    slug: 'bearer',
    what: 'the credentials of requests',
    severity: 'critical',
    found: matcher(String.raw`authorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+[\w.~+/-]{8,}`, 'i'),
  },
  {
    slug: 'password-in-url',
    what: 'URLs with a password',
    severity: 'critical',
    found: matcher(String.raw`\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,60}:(?!\*+@)[^\s/@]{1,80}@`, 'i'),
  },
  {
    slug: 'key-start',
    what: 'the first characters of keys',
    severity: 'medium',
    found: matcher(String.raw`\bsk-[\w-]{3,15}(?:\.\.\.|…|\*{2,})`),
  },
];

export const keys = traceKind({
  answers: 'vulnerabilities',
  description: 'Reads logs and pages, and looks for keys: in URLs, in headers, on their own.',
  traces: TRACES,
  remedy:
    'Send keys in headers only, strip query strings and credentials where log lines are made, and replace every key that was written down.',
});

function matcher(pattern: string, flags = ''): (line: string) => boolean {
  const expression = new RegExp(pattern, flags);
  return (line) => expression.test(line);
}
