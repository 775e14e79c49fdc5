import { describe, expect, test } from 'vitest';
import type { Sample } from '../../src/core/ports.ts';
import { createWatch } from '../../src/safety/watch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { probeSpec, scriptedProbe } from '../support/scripted-probe.ts';

function watching(spec = probeSpec('read')) {
  const clock = new FakeClock();
  const probe = scriptedProbe(spec.name, clock);
  const watch = createWatch({ specs: [spec], probes: [probe], clock });
  const samples: Sample[] = [];
  watch.onSample((sample) => samples.push(sample));
  return { clock, probe, watch, samples, window: () => watch.window(spec.name) };
}

describe('a health watch measures', () => {
  test('each probe at every multiple of its pace, beginning at once', async () => {
    const { clock, watch, samples } = watching();
    watch.start();
    await clock.advanceAsync(1000);
    expect(samples.map(({ mono }) => mono)).toEqual([0, 250, 500, 750]);
  });

  test('on while answers hang, so that an outage gives as many samples as health does', async () => {
    const { clock, probe, watch, samples } = watching();
    probe.answer({ ms: Number.POSITIVE_INFINITY });
    watch.start();
    await clock.advanceAsync(2000);
    expect(samples[0]).toEqual({
      probe: 'read',
      mono: 0,
      ms: 2000,
      ok: false,
      reason: 'no answer within 2 s',
    });
    await clock.advanceAsync(10_000);
    const inFive = samples.filter(({ mono }) => mono >= 4000 && mono < 9000);
    expect(inFive).toHaveLength(20);
    expect(probe.mostRunning).toBeLessThanOrEqual(9);
  });

  test('not without bound: where a time-out spans many measurements, stalled ones begin further apart', async () => {
    const { clock, probe, watch } = watching(probeSpec('read', {}, { everyMs: 10, timeoutMs: 60_000 }));
    probe.answer({ ms: Number.POSITIVE_INFINITY });
    watch.start();
    await clock.advanceAsync(70_000);
    expect(probe.mostRunning).toBeLessThanOrEqual(121);
    expect(watch.missing()).toEqual([]);
  });

  test('no more to make up for a pause of its own process', async () => {
    const { clock, watch, samples } = watching();
    watch.start();
    await clock.advanceAsync(900);
    clock.freeze(3000);
    await clock.advanceAsync(1000);
    const monos = samples.map(({ mono }) => mono);
    expect(new Set(monos).size).toBe(monos.length);
    expect(monos.filter((mono) => mono > 750 && mono < 3900)).toEqual([]);
  });

  test('nothing after its end, and closes its probes', async () => {
    const { clock, probe, watch, samples } = watching();
    probe.answer({ ms: 100 });
    watch.start();
    await clock.advanceAsync(50);
    await watch.stop();
    await clock.advanceAsync(5000);
    expect(samples).toEqual([]);
    expect(probe.closed).toBe(true);
    expect(probe.running).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe('a sample fails', () => {
  test.each([
    [
      'when it misses its status',
      { status: '== 200' },
      { status: 503 },
      'status was 503, expected status == 200',
    ],
    ['when it misses its value', { value: '== 0' }, { value: 2 }, 'value was 2, expected value == 0'],
    ['when there is no value to compare', { value: '== 0' }, {}, 'there was no value, expected value == 0'],
  ])('%s', async (_, expect_, answer, reason) => {
    const { clock, probe, watch, samples } = watching(probeSpec('read', expect_));
    probe.answer(answer);
    watch.start();
    await clock.advanceAsync(100);
    expect(samples[0]).toMatchObject({ ok: false, reason });
  });

  test('but not for a status that nothing is expected of', async () => {
    const { clock, probe, watch, samples } = watching();
    probe.answer({ status: 503 });
    watch.start();
    await clock.advanceAsync(100);
    expect(samples[0]).toMatchObject({ ok: true, status: 503 });
  });
});

describe('a window', () => {
  test('has no rate and no percentile of fewer than 20 samples', async () => {
    const { clock, watch, window } = watching(probeSpec('read', { p95: '< 300ms' }));
    watch.start();
    await clock.advanceAsync(18 * 250 + 100);
    expect(window()).toMatchObject({ samples: 19, judged: false, measures: { p95: null }, missed: [] });
    await clock.advanceAsync(250);
    expect(window()).toMatchObject({ samples: 20, judged: true, measures: { p95: 10, errorRate: 0 } });
  });

  test('spans its time where that holds more than 20, and reaches further back where it holds fewer', async () => {
    const often = watching(probeSpec('read', {}, { everyMs: 100 }));
    often.watch.start();
    await often.clock.advanceAsync(30_050);
    expect(often.window().samples).toBe(100);
    const seldom = watching(probeSpec('read', {}, { everyMs: 2000 }));
    seldom.watch.start();
    await seldom.clock.advanceAsync(60_050);
    expect(seldom.window()).toMatchObject({ samples: 20, from: 60_000 - 19 * 2000 });
  });

  test('holds no sample that began before it may reach back to', async () => {
    const { clock, watch } = watching();
    watch.start();
    await clock.advanceAsync(10_050);
    expect(watch.window('read', clock.now(), 8000)).toMatchObject({ samples: 9, from: 8000 });
    expect(watch.window('read', 9000, 8000)).toMatchObject({ samples: 4 });
  });

  test('counts time-outs in its percentiles as long as they took', async () => {
    const { clock, probe, watch, window } = watching(
      probeSpec('read', { errorRate: '< 50%', p95: '< 300ms' }),
    );
    probe.answer((number) => ({ ms: number % 10 === 9 ? Number.POSITIVE_INFINITY : 20 }));
    watch.start();
    await clock.advanceAsync(20_000);
    expect(window().measures).toMatchObject({ errorRate: 0.1, p50: 20, p95: 2000, max: 2000 });
    expect(window().missed.map(({ text }) => text)).toEqual(['p95 < 300ms']);
  });

  test('tolerates failed samples up to the expected share', async () => {
    const { clock, probe, watch, window } = watching(probeSpec('read', { status: 200, errorRate: '< 20%' }));
    probe.answer((number) => ({ status: number % 10 === 0 ? 500 : 200 }));
    watch.start();
    await clock.advanceAsync(10_000);
    expect(window()).toMatchObject({ measures: { errorRate: 0.1 }, missed: [] });
    probe.answer({ status: 500 });
    await clock.advanceAsync(3000);
    expect(window().missed.map(({ text }) => text)).toEqual(['errorRate < 20%']);
  });

  test('misses an invariant with its first failed sample, and keeps missing it until that has left the window', async () => {
    const { clock, probe, watch, window } = watching(probeSpec('lost', { value: '== 0' }));
    probe.answer((number) => ({ value: number === 3 ? 1 : 0 }));
    watch.start();
    await clock.advanceAsync(700);
    expect(window()).toMatchObject({ judged: true, missed: [] });
    await clock.advanceAsync(100);
    expect(window().missed).toEqual([{ measure: 'value', text: 'value == 0' }]);
    await clock.advanceAsync(9900);
    expect(window().missed).toHaveLength(1);
    await clock.advanceAsync(200);
    expect(window().missed).toEqual([]);
  });

  test('takes any failure as missed where the probe tolerates none', async () => {
    const { clock, probe, watch, window } = watching(probeSpec('lost', { value: '== 0' }));
    probe.answer({ ok: false, reason: 'connection refused' });
    watch.start();
    await clock.advanceAsync(100);
    expect(window().missed).toEqual([{ measure: 'errorRate', text: 'errorRate == 0%' }]);
  });
});

describe('a probe is missing', () => {
  test('when its newest sample is older than its pace, its time-out and a second', async () => {
    const { clock, probe, watch } = watching();
    watch.start();
    await clock.advanceAsync(900);
    clock.freeze(3500);
    expect(watch.missing()).toEqual([{ probe: 'read', ageMs: 3650 }]);
    expect(probe.began).toBe(4);
  });

  test('never because its measurements hang', async () => {
    const { clock, probe, watch } = watching();
    watch.start();
    await clock.advanceAsync(1000);
    probe.answer({ ms: Number.POSITIVE_INFINITY });
    for (let step = 0; step < 100; step++) {
      await clock.advanceAsync(100);
      expect(watch.missing()).toEqual([]);
    }
  });
});
