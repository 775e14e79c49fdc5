import { describe, expect, it } from 'vitest';
import { occurrencesOf } from '../../src/schedule/occurrences.ts';

const MINUTE = 60_000;

/** Occurrences in UTC, without seconds. */
function due(cron: string, zone: string, from: string, to: string): string[] {
  const { last } = occurrencesOf(cron, zone).between(Date.parse(from), Date.parse(to), 1000);
  return last.map((at) => new Date(at).toISOString().slice(0, 16));
}

describe('a schedule over daylight saving', () => {
  it.each([
    [
      'Europe/Rome',
      '30 2 * * *',
      '2026-03-27T12:00Z',
      '2026-03-30T12:00Z',
      ['03-28T01:30', '03-29T01:00', '03-30T00:30'],
    ],
    [
      'America/New_York',
      '30 2 * * *',
      '2026-03-06T12:00Z',
      '2026-03-09T12:00Z',
      ['03-07T07:30', '03-08T07:00', '03-09T06:30'],
    ],
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-02T12:00Z',
      '2026-10-05T12:00Z',
      ['10-02T15:45', '10-03T15:30', '10-04T15:15'],
    ],
  ])(
    'in %s, what falls into the hour that is skipped is due at its end, once',
    (zone, cron, from, to, expected) => {
      expect(due(cron, zone, from, to)).toEqual(expected.map((at) => `2026-${at}`));
    },
  );

  it.each([
    [
      'Europe/Rome',
      '30 2 * * *',
      '2026-10-23T12:00Z',
      '2026-10-26T12:00Z',
      ['10-24T00:30', '10-25T00:30', '10-26T01:30'],
    ],
    [
      'America/New_York',
      '30 1 * * *',
      '2026-10-31T04:00Z',
      '2026-11-02T12:00Z',
      ['10-31T05:30', '11-01T05:30', '11-02T06:30'],
    ],
  ])('in %s, an hour that comes twice is due at its first passing only', (zone, cron, from, to, expected) => {
    expect(due(cron, zone, from, to)).toEqual(expected.map((at) => `2026-${at}`));
  });

  it.each([
    ['Europe/Rome', '2026-03-29T00:30Z', '2026-03-29T03:30Z', ['03-29T01:00', '03-29T02:00', '03-29T03:00']],
    ['Europe/Rome', '2026-10-24T23:30Z', '2026-10-25T02:30Z', ['10-25T00:00', '10-25T01:00', '10-25T02:00']],
    ['America/New_York', '2026-03-08T06:30Z', '2026-03-08T08:30Z', ['03-08T07:00', '03-08T08:00']],
    [
      'America/New_York',
      '2026-11-01T04:30Z',
      '2026-11-01T07:30Z',
      ['11-01T05:00', '11-01T06:00', '11-01T07:00'],
    ],
  ])('in %s, what is due every hour stays due every hour', (zone, from, to, expected) => {
    expect(due('0 * * * *', zone, from, to)).toEqual(expected.map((at) => `2026-${at}`));
  });
});

describe('an expression', () => {
  it.each([
    ['0 0 31 2 *', 'UTC', '"0 0 31 2 *" is never due: no such day comes within 8 years'],
    ['61 * * * *', 'UTC', '"61 * * * *" is not a cron expression (Field value (61) is out of range)'],
    ['every day', 'UTC', '"every day" is not a cron expression'],
    ['* * * * *', 'Mars/Base', '"Mars/Base" is not a time zone: write it as Europe/Rome or UTC'],
  ])('%s in %s is refused', (cron, zone, sentence) => {
    expect(() => occurrencesOf(cron, zone)).toThrow(sentence);
  });

  it('that was due often answers with the newest, and how many there are before', () => {
    const { last, more } = occurrencesOf('* * * * *', 'UTC').between(0, 100 * MINUTE, 3);
    expect(last.map((at) => at / MINUTE)).toEqual([98, 99, 100]);
    expect(more).toBe(97);
  });

  it.each([
    ['* * * * *', 1_000_000],
    // Its last stretch of many minutes holds none.
    ['* * 1 1 *', 3 * 366 * 24 * 60],
  ])('%s that was due too often to be counted answers soon, with the newest', (cron, minutes) => {
    const { last, more } = occurrencesOf(cron, 'UTC').between(0, minutes * MINUTE, 1);
    expect(new Date(last[0]!).toISOString()).toBe(
      cron === '* * * * *' ? '1971-11-26T10:40:00.000Z' : '1973-01-01T23:59:00.000Z',
    );
    expect(more).toBe(Infinity);
  });
});
