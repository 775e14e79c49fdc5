import type { CheckId } from '../../src/audit/catalogue.ts';
import type { Answer, Attestation, FindingSeverity, Flaw } from '../../src/audit/contract.ts';

/** An answer that assessed its check and found nothing, unless said otherwise. */
export function answer(check: CheckId, rest: Partial<Answer> = {}): Answer {
  return {
    check,
    source: { kind: 'check', name: `asks-${check}` },
    retest: 'faultline audit suite.yaml',
    settles: true,
    shown: ['it is so'],
    flaws: [],
    untold: [],
    ...rest,
  };
}

export function flaw(severity: FindingSeverity, slug: string = severity, remedy = `mend ${slug}`): Flaw {
  return { slug, severity, claim: `${slug} is wrong.`, evidence: ['seen'], remedy };
}

export function attestation(check: CheckId, rest: Partial<Attestation> = {}): Attestation {
  return {
    check,
    by: 'Ada',
    on: '2026-10-01',
    expires: '2026-12-31',
    reference: 'OPS-7',
    says: 'It was practised.',
    ...rest,
  };
}
