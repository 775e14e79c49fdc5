import { formatCount } from '../core/units.ts';
import { list } from '../lessons/words.ts';
import { CHECK_IDS, CHECKS, type CheckId } from './catalogue.ts';
import {
  type Answer,
  type AssessedCheck,
  type Attestation,
  type AuditVerdict,
  FINDING_SEVERITIES,
  type Finding,
} from './contract.ts';

/** So many findings a verdict names itself. */
const FOREMOST = 6;

const DAY_MS = 86_400_000;

/** Findings of answers, the gravest first. What one source tells of several checks is one finding, under the first of them. */
export function findingsOf(answers: readonly Answer[]): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const { check, source, retest, flaws } of answers) {
    for (const { slug, ...flaw } of flaws) {
      const key = `${source.kind}\n${source.name}\n${slug}`;
      const first = found.get(key);
      const id = `${check}/${wordOf(source.name)}/${wordOf(slug)}`;
      if (!first) found.set(key, { id, check, also: [], ...flaw, source, retest });
      else if (first.check !== check) found.set(key, { ...first, also: [...first.also, check] });
    }
  }
  return [...found.values()].sort((a, b) => gravity(a) - gravity(b));
}

/**
 * The state of each check. What was run outranks what somebody attests: an attestation stands only for a check that nothing
 * has assessed.
 * @param wall ms since the Unix epoch
 */
export function assess(
  answers: readonly Answer[],
  suite: {
    readonly attestations: readonly Attestation[];
    readonly optional: Readonly<Partial<Record<CheckId, string>>>;
  },
  wall: number,
): readonly AssessedCheck[] {
  const findings = findingsOf(answers);
  return CHECK_IDS.map((check) => {
    const given = answers.filter((answer) => answer.check === check);
    const own = findings.filter((finding) => finding.check === check || finding.also.includes(check));
    const attestations = suite.attestations.filter((attestation) => attestation.check === check);
    const valid = attestations.find((attestation) => lapsed(attestation, wall) === undefined);
    const settling = given.filter(({ settles }) => settles);
    const assessed = settling.length > 0 && settling.every(({ untold }) => untold.length === 0);
    const status = own.some(isGrave) ? 'failed' : assessed ? 'passed' : valid ? 'attested' : 'not assessed';
    return {
      check,
      status,
      optional: suite.optional[check] ?? null,
      shown: given.flatMap(({ source, shown }) => shown.map((text) => `${source.name}: ${text}`)),
      missing: [
        ...attestations.flatMap((attestation) => lapsed(attestation, wall) ?? []),
        ...given.flatMap(({ source, untold }) => untold.map((text) => `${source.name}: ${text}`)),
      ],
      attestation: valid ?? null,
      sources: given.map(({ source }) => source),
      findings: own.map(({ id }) => id),
    };
  });
}

/**
 * Ready only with no critical or high finding and every mandatory check assessed or attested, over the whole suite. A grave
 * finding makes it not ready; all else leaves readiness not shown.
 */
export function verdictOf(
  checks: readonly AssessedCheck[],
  findings: readonly Finding[],
  interrupted: string | null,
): AuditVerdict {
  const grave = findings.filter(isGrave);
  const missing = checks.filter(({ status, optional }) => status === 'not assessed' && optional === null);
  const titles = missing.map(({ check }) => CHECKS[check].title.toLowerCase());
  const why = [
    ...foremost(grave),
    ...(missing.length > 0
      ? [`${formatCount(missing.length, 'mandatory check')} not assessed: ${list(titles, CHECK_IDS.length)}`]
      : []),
    ...(interrupted === null ? [] : [`The audit did not play its whole suite: ${interrupted}`]),
  ];
  if (grave.length > 0) {
    return {
      word: 'not-ready',
      headline: `${tally(grave)} ${grave.length === 1 ? 'stands' : 'stand'} open.`,
      why,
    };
  }
  if (interrupted !== null) return { word: 'not-shown', headline: 'The audit did not end.', why };
  if (missing.length > 0) {
    const what = `${formatCount(missing.length, 'mandatory check')} ${missing.length === 1 ? 'is' : 'are'}`;
    return { word: 'not-shown', headline: `${what} not assessed.`, why };
  }
  const attested = checks.filter(({ status }) => status === 'attested').length;
  const parts = [
    'Every mandatory check was assessed',
    findings.length === 0 ? 'and nothing was found' : `and no more was found than ${tally(findings)}`,
    ...(attested === 0 ? [] : [`(${formatCount(attested, 'check')} on somebody's word)`]),
  ];
  return { word: 'ready', headline: `${parts.join(' ')}.`, why };
}

/** `2 critical, 1 high`. */
export function tally(findings: readonly Pick<Finding, 'severity'>[]): string {
  const parts = FINDING_SEVERITIES.flatMap((severity) => {
    const amount = findings.filter((finding) => finding.severity === severity).length;
    return amount > 0 ? [`${amount} ${severity}`] : [];
  });
  return `${parts.join(', ')} finding${findings.length === 1 ? '' : 's'}`;
}

/** Why an attestation does not count now; undefined where it does. Its last day counts whole, in UTC. */
function lapsed({ by, on, expires }: Attestation, wall: number): string | undefined {
  if (wall >= Date.parse(expires) + DAY_MS) return `the attestation of ${by} expired on ${expires}`;
  if (wall < Date.parse(on)) return `the attestation of ${by} is dated ${on}, which is still to come`;
  return undefined;
}

function isGrave({ severity }: Finding): boolean {
  return severity === 'critical' || severity === 'high';
}

function wordOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function gravity({ severity }: Finding): number {
  return FINDING_SEVERITIES.indexOf(severity);
}

/** The first of them by severity, each claim once. */
function foremost(grave: readonly Finding[]): readonly string[] {
  const claims = [...new Set(grave.map(({ severity, claim }) => `${severity}: ${claim}`))];
  const rest = claims.length - FOREMOST;
  return rest > 1 ? [...claims.slice(0, FOREMOST), `and ${rest} more, all under Findings`] : claims;
}
