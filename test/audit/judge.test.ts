import { describe, expect, test } from 'vitest';
import { CHECK_IDS, type CheckId } from '../../src/audit/catalogue.ts';
import type { Answer, Attestation } from '../../src/audit/contract.ts';
import { assess, findingsOf, verdictOf } from '../../src/audit/judge.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { answer, attestation, flaw } from './support.ts';

const NOVEMBER = Date.UTC(2026, 10, 21, 9);

interface Given {
  readonly attestations?: readonly Attestation[];
  readonly optional?: Partial<Record<CheckId, string>>;
  readonly interrupted?: string;
  readonly wall?: number;
}

function judged(answers: readonly Answer[], given: Given = {}) {
  const { attestations = [], optional = {}, interrupted = null, wall = NOVEMBER } = given;
  const checks = assess(answers, { attestations, optional }, wall);
  const verdict = verdictOf(checks, findingsOf(answers), interrupted);
  const of = (check: CheckId) => checks.find((row) => row.check === check)!;
  return { checks, verdict, of };
}

const all = (except: readonly CheckId[] = []) =>
  CHECK_IDS.filter((check) => !except.includes(check)).map((check) => answer(check));

describe('an audit', () => {
  test('has fifteen checks', () => expect(CHECK_IDS).toHaveLength(15));

  test('is ready when every check was assessed and nothing grave was found', () => {
    const { verdict, checks } = judged(all());
    expect(checks.map(({ status }) => status)).toEqual(CHECK_IDS.map(() => 'passed'));
    expect(verdict).toEqual({
      word: 'ready',
      headline: 'Every mandatory check was assessed and nothing was found.',
      why: [],
    });
  });

  test.each(['critical', 'high'] as const)('is not ready with one %s finding', (severity) => {
    const { verdict, of } = judged([...all(), answer('privacy', { flaws: [flaw(severity)] })]);
    expect(verdict.word).toBe('not-ready');
    expect(verdict.why).toEqual([`${severity}: ${severity} is wrong.`]);
    expect(of('privacy').status).toBe('failed');
  });

  test('names the gravest findings, each claim once, and counts the rest', () => {
    const high = Array.from({ length: 9 }, (_, at) => ({
      ...flaw('high'),
      slug: `s${at}`,
      claim: `${at % 8} fails.`,
    }));
    const { verdict } = judged([...all(), answer('privacy', { flaws: [...high, flaw('critical')] })]);
    expect(verdict.why).toEqual([
      'critical: critical is wrong.',
      ...[0, 1, 2, 3, 4].map((at) => `high: ${at} fails.`),
      'and 3 more, all under Findings',
    ]);
  });

  test('is ready with medium and low findings, which its headline counts', () => {
    const { verdict, of } = judged([...all(), answer('privacy', { flaws: [flaw('medium'), flaw('low')] })]);
    expect(verdict.word).toBe('ready');
    expect(verdict.headline).toContain('no more was found than 1 medium, 1 low findings');
    expect(of('privacy')).toMatchObject({
      status: 'passed',
      findings: [expect.any(String), expect.any(String)],
    });
  });

  test('shows no readiness while a mandatory check is not assessed', () => {
    const { verdict } = judged(all(['backup-restoration', 'alerting']));
    expect(verdict.word).toBe('not-shown');
    expect(verdict.headline).toBe('2 mandatory checks are not assessed.');
    expect(verdict.why).toEqual(['2 mandatory checks not assessed: alerting and backup restoration']);
  });

  test('does without a check that the suite says is optional', () => {
    const { verdict, of } = judged(all(['deployment']), {
      optional: { deployment: 'It is never deployed.' },
    });
    expect(verdict.word).toBe('ready');
    expect(of('deployment')).toMatchObject({ status: 'not assessed', optional: 'It is never deployed.' });
  });

  test('is not ready by a grave finding even in an optional check', () => {
    const answers = [...all(), answer('privacy', { flaws: [flaw('high')] })];
    expect(judged(answers, { optional: { privacy: 'None here.' } }).verdict.word).toBe('not-ready');
  });

  test('shows no readiness when it did not end, and says why', () => {
    const { verdict } = judged(all(), { interrupted: 'stopped by SIGINT' });
    expect(verdict).toMatchObject({ word: 'not-shown', why: [expect.stringContaining('stopped by SIGINT')] });
  });

  test('is not ready by what it found before it was stopped', () => {
    const answers = [answer('privacy', { flaws: [flaw('critical')] })];
    expect(judged(answers, { interrupted: 'stopped by SIGINT' }).verdict.word).toBe('not-ready');
  });
});

describe('a check', () => {
  test('is not assessed by a source that could not tell all that it was there for', () => {
    const { of } = judged([answer('privacy'), answer('privacy', { untold: ['no such file'] })]);
    expect(of('privacy')).toMatchObject({ status: 'not assessed', missing: ['asks-privacy: no such file'] });
  });

  test('is not assessed by sources that only add to it', () => {
    expect(judged([answer('privacy', { settles: false })]).of('privacy').status).toBe('not assessed');
  });

  test('stays assessed when a source that only adds could not tell', () => {
    const answers = [answer('privacy'), answer('privacy', { settles: false, untold: ['too few samples'] })];
    expect(judged(answers).of('privacy').status).toBe('passed');
  });

  test('fails by a grave finding of a source that only adds', () => {
    const answers = [answer('privacy'), answer('privacy', { settles: false, flaws: [flaw('high')] })];
    expect(judged(answers).of('privacy').status).toBe('failed');
  });
});

describe('an attestation', () => {
  const given = { attestations: [attestation('disaster-recovery')] };

  test('stands for a check that nothing assesses', () => {
    const { of, verdict } = judged(all(['disaster-recovery']), given);
    expect(of('disaster-recovery').status).toBe('attested');
    expect(verdict.word).toBe('ready');
    expect(verdict.headline).toContain("1 check on somebody's word");
  });

  test.each([
    ['its first moment', Date.UTC(2026, 9, 1), 'attested'],
    ['the moment before it', Date.UTC(2026, 9, 1) - 1, 'not assessed'],
    ['the last moment of its last day', Date.UTC(2027, 0, 1) - 1, 'attested'],
    ['the moment after that', Date.UTC(2027, 0, 1), 'not assessed'],
  ])('at %s', (_, wall, status) => {
    expect(judged([], { ...given, wall }).of('disaster-recovery').status).toBe(status);
  });

  test('that expires while the clock runs on leaves its check not assessed, and says since when', () => {
    const clock = new FakeClock(Date.UTC(2026, 11, 31, 23, 59, 59));
    const at = () => judged(all(['disaster-recovery']), { ...given, wall: clock.wall() });
    expect(at().verdict.word).toBe('ready');
    clock.advance(1000);
    expect(at().verdict.word).toBe('not-shown');
    expect(at().of('disaster-recovery')).toMatchObject({
      attestation: null,
      missing: ['the attestation of Ada expired on 2026-12-31'],
    });
  });

  test('does not outweigh what was found', () => {
    const { of } = judged([answer('disaster-recovery', { flaws: [flaw('high')] })], given);
    expect(of('disaster-recovery').status).toBe('failed');
  });

  test('is not needed where the check was run', () => {
    expect(judged([answer('disaster-recovery')], given).of('disaster-recovery').status).toBe('passed');
  });
});

test('what one source tells of several checks is one finding, and fails them all', () => {
  const source = { kind: 'experiment', name: 'outage' } as const;
  const told = { source, flaws: [flaw('high', 'aborted')] };
  const answers = [answer('failure-modes', told), answer('disaster-recovery', told)];
  expect(findingsOf(answers)).toMatchObject([
    { id: 'failure-modes/outage/aborted', also: ['disaster-recovery'] },
  ]);
  const { of } = judged(answers);
  expect([of('failure-modes').status, of('disaster-recovery').status]).toEqual(['failed', 'failed']);
});

test('findings come the gravest first, with ids that stay', () => {
  const answers = [
    answer('privacy', { flaws: [flaw('low'), flaw('medium', 'GET /me')] }),
    answer('api-security', { flaws: [flaw('critical')] }),
  ];
  expect(findingsOf(answers).map(({ id }) => id)).toEqual([
    'api-security/asks-api-security/critical',
    'privacy/asks-privacy/get-me',
    'privacy/asks-privacy/low',
  ]);
});
