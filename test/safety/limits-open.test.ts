import { describe, expect, test } from 'vitest';
import type { Freeze, OpenWindow } from '../../src/core/limits.ts';
import { closedBecause, isOpen, nextOpening } from '../../src/safety/limits/index.ts';

const ROME = 'Europe/Rome';
const office: OpenWindow = { days: 'mon-fri', from: '09:00', to: '17:00', zone: ROME };
const open = (at: string, windows: readonly OpenWindow[] = [], freezes: readonly Freeze[] = []) =>
  isOpen({ windows, freezes }, Date.parse(at));

describe('a window for experiments', () => {
  test.each([
    ['in winter, one hour ahead of UTC: at nine', '2026-01-14T08:00:00Z', true],
    ['in winter: a minute before nine', '2026-01-14T07:59:59Z', false],
    ['in summer, two hours ahead of UTC: at nine', '2026-07-15T07:00:00Z', true],
    ['in summer: a minute before nine', '2026-07-15T06:59:59Z', false],
    ['at its last minute', '2026-07-15T14:59:59Z', true],
    ['at its end', '2026-07-15T15:00:00Z', false],
    ['on a Saturday', '2026-07-18T10:00:00Z', false],
    ['on the Monday after clocks went forward', '2026-03-30T07:00:00Z', true],
    ['on the Friday before clocks went forward', '2026-03-27T07:00:00Z', false],
  ])('goes by the clocks of its zone: %s', (_, at, expected) => {
    expect(open(at, [office])).toBe(expected);
  });

  test('goes by the weekday of its zone, which may be another than that of UTC', () => {
    const sunday = { days: 'sun', from: '00:00', to: '24:00', zone: 'Pacific/Auckland' };
    expect(open('2026-07-18T13:00:00Z', [sunday])).toBe(true);
    expect(open('2026-07-19T13:00:00Z', [sunday])).toBe(false);
  });

  test('never opens in an hour that clocks skip', () => {
    const skipped = { days: 'mon-sun', from: '02:00', to: '03:00', zone: ROME };
    // At 01:00 UTC on 29 March clocks in Rome go from 02:00 to 03:00.
    const minutes = Array.from(
      { length: 180 },
      (_, minute) => Date.parse('2026-03-29T00:00:00Z') + minute * 60_000,
    );
    expect(minutes.filter((at) => isOpen({ windows: [skipped], freezes: [] }, at))).toEqual([]);
  });

  test('is open twice in an hour that clocks repeat', () => {
    const repeated = { days: 'mon-sun', from: '02:00', to: '03:00', zone: ROME };
    // At 01:00 UTC on 25 October clocks in Rome go from 03:00 back to 02:00.
    const minutes = Array.from(
      { length: 240 },
      (_, minute) => Date.parse('2026-10-24T23:00:00Z') + minute * 60_000,
    );
    expect(minutes.filter((at) => isOpen({ windows: [repeated], freezes: [] }, at))).toHaveLength(120);
  });

  test('may run past midnight, and then belongs to the day on which it begins', () => {
    const night = { days: 'fri', from: '22:00', to: '02:00', zone: 'UTC' };
    expect(open('2026-07-17T22:00:00Z', [night])).toBe(true);
    expect(open('2026-07-18T01:59:00Z', [night])).toBe(true);
    expect(open('2026-07-18T02:00:00Z', [night])).toBe(false);
    expect(open('2026-07-17T01:00:00Z', [night])).toBe(false);
  });

  test.each([
    ['sat,sun', '2026-07-19T12:00:00Z', true],
    ['sat, sun', '2026-07-17T12:00:00Z', false],
    ['fri-mon', '2026-07-20T12:00:00Z', true],
    ['fri-mon', '2026-07-21T12:00:00Z', false],
    ['Wed', '2026-07-15T12:00:00Z', true],
  ])('on %s covers %s: %s', (days, at, expected) => {
    expect(open(at, [{ days, from: '00:00', to: '24:00', zone: 'UTC' }])).toBe(expected);
  });

  test('is not needed: without any it is always open', () => {
    expect(open('2026-07-19T03:00:00Z')).toBe(true);
  });
});

describe('a freeze', () => {
  const holidays: Freeze = { from: '2026-12-20', to: '2027-01-06', zone: ROME };

  test.each([
    ['before its first day', '2026-12-19T22:59:59Z', true],
    ['at its first midnight', '2026-12-19T23:00:00Z', false],
    ['in the last minute of its last day', '2027-01-06T22:59:59Z', false],
    ['after its last day', '2027-01-06T23:00:00Z', true],
  ])('holds on both its days and between, by the clocks of its zone: %s', (_, at, expected) => {
    expect(open(at, [], [holidays])).toBe(expected);
  });

  test('outranks a window', () => {
    expect(open('2026-12-21T10:00:00Z', [office], [holidays])).toBe(false);
  });
});

test('why it is closed is said in a sentence', () => {
  const freezes = [{ from: '2026-12-20', to: '2027-01-06', zone: ROME }];
  const why = (at: string) => closedBecause({ windows: [office], freezes }, Date.parse(at));
  expect(why('2026-12-21T10:00:00Z')).toBe('a freeze holds from 2026-12-20 to 2027-01-06 (Europe/Rome)');
  expect(why('2026-07-18T10:00:00Z')).toBe(
    'it is outside the windows for experiments: mon-fri 09:00-17:00 Europe/Rome',
  );
  expect(why('2026-07-15T10:00:00Z')).toBeUndefined();
});

describe('the next opening', () => {
  const next = (at: string, windows: readonly OpenWindow[], freezes: readonly Freeze[] = []) => {
    const found = nextOpening({ windows, freezes }, Date.parse(at));
    return found === undefined ? undefined : new Date(found).toISOString();
  };

  test.each([
    ['is now where it is open', '2026-01-14T08:30:10Z', '2026-01-14T08:30:10.000Z'],
    ['is later that day', '2026-01-14T05:00:30Z', '2026-01-14T08:00:00.000Z'],
    ['is on Monday after Friday', '2026-01-16T16:00:00Z', '2026-01-19T08:00:00.000Z'],
    ['goes by summer time once clocks went forward', '2026-03-28T12:00:00Z', '2026-03-30T07:00:00.000Z'],
  ])('%s', (_, at, expected) => {
    expect(next(at, [office])).toBe(expected);
  });

  test('is after a freeze, to the minute', () => {
    const freeze = { from: '2026-12-20', to: '2027-01-06', zone: ROME };
    expect(next('2026-12-21T10:00:00Z', [], [freeze])).toBe('2027-01-06T23:00:00.000Z');
    expect(next('2026-12-21T10:00:00Z', [office], [freeze])).toBe('2027-01-07T08:00:00.000Z');
  });

  test('is never where the freezes have no end in sight', () => {
    expect(
      next('2026-12-21T10:00:00Z', [], [{ from: '2026-01-01', to: '2099-01-01', zone: 'UTC' }]),
    ).toBeUndefined();
  });
});
