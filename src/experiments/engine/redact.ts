import type { RecordedLimits, SafetyLimits } from '../../core/limits.ts';
import type { LoadSpec, Plan, ProbeSpec } from '../../core/plan.ts';
import { CREDENTIAL_HEADERS, maskUrls } from '../../core/secrets.ts';

/** Shorter values are words and numbers that occur by themselves. */
const SHORTEST_SECRET = 6;

/**
 * Takes the values of the variables that an experiment may use out of what is recorded, should one have got into an
 * error's text: the whole value and, where it is a URL, its password.
 */
export function redactor(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): (line: string) => string {
  const secrets = names
    .flatMap((name) =>
      [environment[name] ?? '', ...passwordsOf(environment[name] ?? '')].map((value) => ({ name, value })),
    )
    .filter(({ value }) => value.length >= SHORTEST_SECRET)
    // Within a JSON line a value stands as JSON has it.
    .map(({ name, value }) => ({ name, value: JSON.stringify(value).slice(1, -1) }))
    .toSorted((left, right) => right.value.length - left.value.length);
  return (line) => secrets.reduce((text, { name, value }) => text.replaceAll(value, `\${${name}}`), line);
}

function passwordsOf(value: string): string[] {
  try {
    const { password } = new URL(value);
    return [password, decodeURIComponent(password)];
  } catch {
    return [];
  }
}

/** The limits as they may be recorded. */
export function recordableLimits(limits: SafetyLimits, approvedBy: readonly string[]): RecordedLimits {
  const { file, environment, reach, spend, approvals, exempt } = limits;
  return {
    ...(file === undefined ? {} : { file }),
    environment,
    reach,
    ...(spend ? { spend } : {}),
    ...(approvals ? { approvals } : {}),
    exempt: { headers: Object.keys(exempt.headers), clients: exempt.clients },
    approvedBy,
  };
}

/** A plan as it may be recorded: variables unexpanded, user info and query values of URLs and credentials masked. */
export function recordable(plan: Plan): Plan {
  const masked = mask(plan) as Plan;
  return {
    ...masked,
    probes: masked.probes.map((probe, index) => withoutCredentials(probe, plan.probes[index]!)),
    ...(masked.load ? { load: recordableLoad(masked.load) } : {}),
    steps: masked.steps.map((step) => (step.load ? { ...step, load: recordableLoad(step.load) } : step)),
  };
}

/** A load without the credentials of its headers. */
function recordableLoad(load: LoadSpec): LoadSpec {
  const masked = <T extends { readonly headers: Readonly<Record<string, string>> }>(request: T): T => ({
    ...request,
    headers: maskHeaders(request.headers),
  });
  const { traffic } = load;
  return {
    ...load,
    requests: load.requests.map(masked),
    ...(traffic
      ? {
          traffic: {
            ...traffic,
            scenarios: traffic.scenarios.map((one) => ({ ...one, requests: one.requests.map(masked) })),
          },
        }
      : {}),
  };
}

function withoutCredentials(probe: ProbeSpec, original: ProbeSpec): ProbeSpec {
  if (probe.kind === 'http' || probe.kind === 'prometheus')
    return { ...probe, headers: maskHeaders(probe.headers) };
  if (probe.kind === 'command' && original.kind === 'command') {
    const env = Object.entries(original.env).map(([name, value]) => [name, maskValue(value)]);
    return { ...probe, env: Object.fromEntries(env) };
  }
  return probe;
}

function maskHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      CREDENTIAL_HEADERS.has(name.toLowerCase()) ? maskValue(value) : value,
    ]),
  );
}

/** Keeps the names of variables and nothing else. */
function maskValue(value: string): string {
  const names = value.match(/\$\{\w+\}/g) ?? [];
  return names.length > 0 ? names.join(' ') : '***';
}

function mask(value: unknown): unknown {
  if (typeof value === 'string') return maskUrls(value);
  if (Array.isArray(value)) return value.map(mask);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mask(inner)]));
}
