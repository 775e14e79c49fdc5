import { describe, expect, test } from 'vitest';
import { parseExpectation } from '../../src/core/expectation.ts';
import type { JournalEvent } from '../../src/core/journal.ts';
import { timed } from '../../src/lessons/view/clock.ts';
import { departuresOf } from '../../src/lessons/view/departures.ts';
import { isError, trafficIn, trafficOf } from '../../src/lessons/view/traffic.ts';
import { viewOf } from '../../src/lessons/view/view.ts';
import { measure, rolling, type TimedSample, worst } from '../../src/lessons/view/window.ts';
import { JournalBuilder } from '../support/journal-builder.ts';
import { outageJournal } from '../support/outage-journal.ts';

function counts(organic: number, injected = 0) {
  return {
    units: organic + injected,
    status: { '200': { organic, injected: 0 }, '500': { organic: 0, injected } },
  };
}

function traffic(journal: JournalBuilder) {
  return trafficOf(timed(journal.build())).get('p') ?? [];
}

describe('traffic', () => {
  test('is what was added since the observation before', () => {
    const ticks = traffic(
      new JournalBuilder()
        .observation(1000, 1, { p: counts(100) })
        .observation(2000, 1, { p: counts(130, 5) })
        .observation(4000, 1, { p: counts(150, 9) }),
    );
    expect(ticks.map((tick) => tick.units)).toEqual([35, 24]);
    expect(trafficIn(ticks, 0, 10_000)).toMatchObject({ seconds: 3, organicOk: 50, injected: 9 });
  });

  test('leaves out what was counted before the first observation', () => {
    expect(traffic(new JournalBuilder().observation(1000, 7, { p: counts(5000) }))).toEqual([]);
  });

  test('begins anew with an epoch, a data plane, or a count that fell', () => {
    const ticks = traffic(
      new JournalBuilder()
        .observation(1000, 1, { p: counts(100) })
        .observation(2000, 2, { p: counts(3) })
        .observation(3000, 2, { p: counts(9) })
        .observation(4000, 2, { p: counts(4) }, 'i2')
        .observation(5000, 2, { p: counts(1) }, 'i2'),
    );
    expect(ticks.map(({ units, fresh }) => [units, fresh])).toEqual([
      [3, true],
      [6, false],
      [4, true],
      [1, true],
    ]);
  });

  test('misses nothing when observations are lost', () => {
    const ticks = traffic(
      new JournalBuilder().observation(1000, 1, { p: counts(10) }).observation(9000, 1, { p: counts(90) }),
    );
    expect(trafficIn(ticks, 0, 10_000)).toMatchObject({ units: 80, seconds: 8 });
  });

  test.each([
    ['200', false],
    ['304', false],
    ['404', true],
    ['503', true],
    ['error', true],
    ['ok', false],
    ['00000', false],
    ['57P01', true],
    ['42601', true],
    ['READONLY', true],
  ])('counts the status %s as an error: %s', (status, error) => {
    expect(isError(status)).toBe(error);
  });
});

describe('time', () => {
  test('goes on by the wall clock when another process took the journal up', () => {
    const event = (n: number, t: string, mono: number) =>
      ({ v: 1, n, t, mono, type: 'note', text: 'x' }) as JournalEvent;
    const at = timed([
      event(1, '2026-01-01T00:00:00.000Z', 0),
      event(2, '2026-01-01T00:00:30.000Z', 30_000),
      event(3, '2026-01-01T00:02:00.000Z', 5),
      event(4, '2026-01-01T00:02:01.000Z', 1005),
    ]).map((one) => one.at);
    expect(at).toEqual([0, 30_000, 120_000, 121_000]);
  });

  test('of samples is brought to the run’s own, whatever clock they were taken on', () => {
    const shifted = outageJournal().map((event) =>
      event.type === 'sample'
        ? { ...event, sample: { ...event.sample, mono: event.sample.mono + 987_654 } }
        : event,
    );
    const probes = viewOf(shifted).probes.map((probe) =>
      probe.samples.map((sample) => Math.round(sample.at)),
    );
    expect(probes).toEqual(
      viewOf(outageJournal()).probes.map((probe) => probe.samples.map((sample) => Math.round(sample.at))),
    );
  });
});

describe('a departure', () => {
  test('lasts until every expectation has returned, and may come again', () => {
    const left = (expectation: string) =>
      ({ type: 'left-baseline', probe: 'read', expectation, value: null, baseline: null }) as const;
    const back = (expectation: string) => ({ type: 'returned', probe: 'read', expectation }) as const;
    const [departure, ...others] = departuresOf(
      timed(
        new JournalBuilder()
          .add(1000, left('p95 < 1s'))
          .add(2000, left('errorRate < 1%'))
          .add(3000, back('p95 < 1s'))
          .add(4000, back('errorRate < 1%'))
          .add(9000, left('p95 < 1s'))
          .build(),
      ),
    );
    expect(others).toEqual([]);
    expect(departure).toMatchObject({
      at: 1000,
      expectation: 'p95 < 1s',
      spans: [
        { from: 1000, to: 4000 },
        { from: 9000, to: null },
      ],
    });
    expect(departure!.missed.map((miss) => miss.expectation)).toEqual(['p95 < 1s', 'errorRate < 1%']);
  });
});

describe('a window', () => {
  const samples = (list: readonly number[], ok = true): TimedSample[] =>
    list.map((ms, index) => ({ at: index * 100, ms, ok }));

  test('takes percentiles by nearest rank, failed samples included', () => {
    const list = samples(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(measure(list, 'p95')).toBe(19);
    expect(measure(list, 'p50')).toBe(10);
    expect(measure(list, 'max')).toBe(20);
    expect(measure([...list, { at: 0, ms: 2000, ok: false }], 'max')).toBe(2000);
    expect(measure([], 'p95')).toBeNaN();
  });

  test('reaches back to the least number of samples, and is left out before', () => {
    const list = samples(Array.from({ length: 25 }, () => 5));
    expect(rolling(list, 'p95', 300, 20)).toHaveLength(6);
  });

  test('of a value is each sample by itself', () => {
    const list = samples([1, 1, 1]).map((sample, index) => ({ ...sample, value: index }));
    expect(rolling(list, 'value', 1000).map((point) => point.value)).toEqual([0, 1, 2]);
  });

  test('is worst where it is furthest from what was asked', () => {
    const points = [3, 9, 1, 4].map((value, at) => ({ at, value }));
    expect(worst(points, parseExpectation('value', '< 5'), 0)?.value).toBe(9);
    expect(worst(points, parseExpectation('value', '> 2'), 0)?.value).toBe(1);
    expect(worst(points, parseExpectation('value', '== 3'), 0)?.value).toBe(9);
  });
});
