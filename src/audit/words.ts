import { CHECKS } from './catalogue.ts';
import type { AssessedCheck, Audit, PlanItem, Readiness } from './contract.ts';

export const VERDICT_WORDS: Readonly<
  Record<Readiness, { readonly word: string; readonly tone: 'good' | 'bad' | 'warn' }>
> = {
  ready: { word: 'Production ready', tone: 'good' },
  'not-ready': { word: 'Not production ready', tone: 'bad' },
  'not-shown': { word: 'Not shown', tone: 'warn' },
};

/** What a check stands on, or what it lacks, in one cell. */
export function standing({
  status,
  shown,
  missing,
  attestation,
  findings,
  optional,
  check,
}: AssessedCheck): readonly string[] {
  const lines =
    status === 'not assessed' ? [...missing, `It would be assessed by ${CHECKS[check].assessedBy}.`] : [];
  const word =
    attestation && status === 'attested'
      ? [
          `${attestation.by}, ${attestation.on}: ${attestation.says}`,
          `Until ${attestation.expires}; ${attestation.reference}`,
        ]
      : [];
  return [
    ...(findings.length > 0 ? [`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`] : []),
    ...word,
    ...(status === 'not assessed' ? lines : [...shown, ...(status === 'attested' ? missing : [])]),
    ...(optional === null ? [] : [`Optional: ${optional}`]),
  ];
}

/** Status for people; a check that passed may still have lesser findings. */
export function statusWord({ status, optional }: AssessedCheck): string {
  return status === 'not assessed' && optional !== null ? 'not assessed (optional)' : status;
}

/** What an item of the plan mends or assesses, each in a sentence. */
export function mendsOf({ mends }: PlanItem, { findings }: Audit): readonly string[] {
  return findings.filter(({ id }) => mends.includes(id)).map(({ claim }) => claim);
}

export function countsOf({ checks }: Audit): Readonly<Record<AssessedCheck['status'], number>> {
  const count = (status: AssessedCheck['status']) => checks.filter((check) => check.status === status).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    attested: count('attested'),
    'not assessed': count('not assessed'),
  };
}
