import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultlineError } from '../../src/core/errors.ts';
import { planned, step } from '../support/journal-builder.ts';
import { probeSpec } from '../support/scripted-probe.ts';
import { BAD, Harness, OK, planOf, slow } from './support/harness.ts';

/** The baseline takes the first five seconds, the step the next ten. */
const IN_STEP = 8000;

let run: Harness;
beforeEach(() => {
  run = new Harness();
});
afterEach(() => run.close());

describe('a run in which everything holds', () => {
  it('plays baseline, step, rollback, proof and recovery in this order and ends held with exit 0', async () => {
    const result = await run.run();
    expect(result).toMatchObject({ verdict: 'held', exit: 0, journalFailures: [] });
    expect(run.story()).toEqual([
      'run-started',
      'data-plane',
      'baseline-started',
      'baseline',
      'step-intended',
      'judging',
      'step-applied',
      'rollback-started',
      'rollback-emptied',
      'step-ended',
      'rollback-proof',
      'recovery',
      'run-ended',
    ]);
    expect(result.sentence).toMatch(
      /^held: 2 expectations of 1 probe held through 1 step with 100 injections; rolled back in /,
    );
  });

  it('counts samples and windows in the journal from the start of the run', async () => {
    run.clock.advance(1_000_000);
    await run.run();
    const [first] = run.of('sample');
    expect(first!.sample.mono).toBeGreaterThanOrEqual(0);
    expect(first!.mono - first!.sample.mono).toBeCloseTo(OK.ms);
    expect(run.of('recovery')[0]!.windows[0]!.from).toBeGreaterThanOrEqual(15_000);
  });

  it('changes from one step to the next in one swap, and counts each by itself', async () => {
    await run.run(planOf([slow('one'), slow('two')]));
    expect(run.plane.calls.filter((call) => !call.startsWith('renew'))).toEqual([
      'apply 1',
      'apply 2',
      'empty 2',
    ]);
    expect(run.of('step-ended').map((event) => [event.step, event.counts[0]!.injected])).toEqual([
      [0, 100],
      [1, 100],
    ]);
    expect(run.story().filter((type) => type.startsWith('step'))).toEqual([
      'step-intended',
      'step-applied',
      'step-intended',
      'step-ended',
      'step-applied',
      'step-ended',
    ]);
  });

  it('goes above the highest epoch that a data plane has seen', async () => {
    run.plane.epoch = run.plane.spent = 41;
    expect(await run.run()).toMatchObject({ exit: 0 });
    expect(run.of('step-applied')[0]!.epoch).toBe(42);
  });

  it('drives load from before the baseline until after recovery', async () => {
    const load = { target: 'http://127.0.0.1:1', connections: 1, rate: 1, requests: [] };
    await run.run(planOf([slow()], { load }));
    expect(run.loads).toEqual(['started', 'stopped']);
    expect(run.of('load')).toMatchObject([{ requests: 9 }]);
    expect(run.story().indexOf('load')).toBeGreaterThan(run.story().indexOf('recovery'));
  });

  it('stops the data plane that it started', async () => {
    await run.run();
    expect(run.plane.stops).toBe(1);
  });

  it('leaves running a data plane that it found, or that shall be kept', async () => {
    run.owned = false;
    await run.run();
    run.owned = true;
    await run.run(planOf(), {}, { keepProxy: true });
    expect(run.plane.stops).toBe(0);
    expect(run.of('data-plane').map(({ adopted, kept }) => [adopted, kept])).toEqual([
      [true, undefined],
      [false, true],
    ]);
  });

  it('plays a ramp on renewals, at least once a second', async () => {
    const ramp = { ...planned('1.1', 'web', 'latency', ''), toxicity: { from: 0.1, to: 0.6 } };
    await run.run(planOf([step('ramp', 10_000, ramp)]));
    const renewed = run.of('renewed').map(({ mono, faults }) => [mono, faults[0]!.toxicity!] as const);
    for (const [index, [mono, toxicity]] of renewed.entries()) {
      expect(toxicity).toBeCloseTo(0.1 + 0.5 * ((mono - 5000) / 10_000), 1);
      if (index > 0) expect(mono - renewed[index - 1]![0]).toBeLessThanOrEqual(1000);
    }
    expect(renewed.at(-1)![1]).toBeGreaterThan(0.55);
  });
});

describe('aborted', () => {
  it('on a breach: rolls back at once and says by which figure', async () => {
    const result = await run.run(planOf(), { [IN_STEP]: () => run.probe.answer(BAD) });
    expect(result).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(result.sentence).toMatch(
      /^aborted: read errorRate was \d+(\.\d+)?% \(> 20% for 1 s\) \d+(\.\d+)? s after the first fault; rolled back in /,
    );
    const [breach] = run.of('breach');
    expect(run.of('rollback-started')).toMatchObject([{ cause: 'breach', mono: breach!.mono }]);
    expect(run.of('left-baseline')).toMatchObject([{ probe: 'read', expectation: 'errorRate < 5%' }]);
    expect(run.plane.calls.at(-1)).toBe('empty 1');
  });

  it('on a probe without samples, unless the limits call that inconclusive', async () => {
    const silent = {
      [IN_STEP]: () => {
        run.missing = [{ probe: 'read', ageMs: 3400 }];
      },
    };
    const aborted = await run.run(planOf(), silent);
    expect(aborted).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(aborted.sentence).toMatch(/^aborted: probe read has given no sample for 3\.4 s/);
    run.missing = [];
    run.limits = { ...run.limits, monitor: { ...run.limits.monitor, onMissing: 'inconclusive' } };
    expect(await run.run(planOf(), silent)).toMatchObject({ verdict: 'inconclusive', exit: 5 });
  });

  it('when the data plane dies: a clean one with the same addresses carries the traffic again, and that is proven', async () => {
    const result = await run.run(planOf(), { [IN_STEP]: () => run.plane.die() });
    expect(result).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(result.sentence).toMatch(/^aborted: the data plane is gone: .* 3(\.\d+)? s after the first fault/);
    expect(run.plane.restarts).toBe(1);
    expect(run.of('rollback-proof')[0]!.proof).toMatchObject({ proven: true, empty: true, held: 0 });
    expect(run.of('rollback-started')[0]!.mono).toBeLessThan(IN_STEP + 500);
  });

  it('when a data plane restarts under its hands', async () => {
    run.owned = false;
    const result = await run.run(planOf(), {
      [IN_STEP]: () => {
        run.plane.instance = 'i2';
        run.plane.set = undefined;
      },
    });
    expect(result).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(result.sentence).toContain('the data plane was restarted by somebody else');
  });

  it('outranks the signal that comes with it', async () => {
    const result = await run.run(planOf(), {
      [IN_STEP]: () => run.probe.answer(BAD),
      [IN_STEP + 4000]: () => run.abort.abort({ cause: 'signal', text: 'stopped by Ctrl-C' }),
    });
    expect(result.verdict).toBe('aborted');
  });
});

describe('inconclusive', () => {
  it.each([
    ['Ctrl-C', { cause: 'signal', text: 'stopped by Ctrl-C' }, 'signal'],
    ['a halt from outside', { cause: 'halt', text: 'halted on the dashboard' }, 'halt'],
  ])('on %s', async (_, reason, cause) => {
    const result = await run.run(planOf(), { [IN_STEP]: () => run.abort.abort(reason) });
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    expect(result.sentence).toMatch(`inconclusive: ${reason.text} 3 s after the first fault; rolled back in`);
    expect(run.of('rollback-started')).toMatchObject([{ cause }]);
    expect(run.of('rollback-proof')[0]!.proof.proven).toBe(true);
  });

  it('does not keep who pressed Ctrl-C waiting for recovery', async () => {
    await run.run(planOf(), { [IN_STEP]: () => run.abort.abort({ cause: 'signal', text: 'stopped' }) });
    expect(run.of('recovery')).toEqual([]);
  });

  it('on the stop file', async () => {
    const result = await run.run(planOf(), { [IN_STEP]: () => run.stop('the stop file is there') });
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    expect(run.of('rollback-started')).toMatchObject([{ cause: 'stop-file' }]);
  });

  it('when the data plane is halted, within a second', async () => {
    const result = await run.run(planOf(), { [IN_STEP]: () => run.plane.halt('real incident') });
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    expect(result.sentence).toMatch(/halted: real incident/i);
    expect(run.of('rollback-started')[0]!.mono).toBeLessThanOrEqual(IN_STEP + 1000);
  });

  it('when somebody else empties the fault set', async () => {
    const result = await run.run(planOf(), {
      [IN_STEP]: () => {
        run.plane.spent = run.plane.epoch;
        run.plane.set = undefined;
      },
    });
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    expect(result.sentence).toContain('the fault set was emptied by somebody else');
  });

  it('when a fault met no traffic', async () => {
    run.plane.perSecond = 0;
    const result = await run.run();
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    expect(result.sentence).toContain(
      'fault 1.1 (latency on web) was injected 0 times of 0 matched, expected >= 1, in step 1 "slow"',
    );
    expect(run.of('step-ended')).toMatchObject([{ injectedMet: false }]);
  });

  it('when a fault was injected less often than its step asks', async () => {
    const many = slow('many', { injected: { operator: '>=', bound: 1000 } });
    expect(await run.run(planOf([many]))).toMatchObject({ verdict: 'inconclusive', exit: 5 });
  });

  it('but not where the step says that nobody counts', async () => {
    run.plane.perSecond = 0;
    expect(await run.run(planOf([slow('x', { injected: 'unproven' })]))).toMatchObject({ exit: 0 });
  });

  it('when it is stopped before the first fault', async () => {
    const result = await run.run(planOf(), {
      2000: () => run.abort.abort({ cause: 'signal', text: 'stopped by Ctrl-C' }),
    });
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    expect(result.sentence).toMatch(/^inconclusive: stopped by Ctrl-C/);
    expect(run.plane.calls).not.toContain('apply 1');
  });

  it('when the second step is refused: what is in force is taken back', async () => {
    run.plane.refusesFrom = 2;
    const result = await run.run(planOf([slow('one'), slow('two')]));
    expect(result.exit).toBe(5);
    expect(result.sentence).toContain('step 2 "two" could not begin: Epoch 2 is spent');
    expect(run.plane.set).toBeUndefined();
  });
});

describe('deviated', () => {
  it('when an expectation is missed in a step and no limit is breached', async () => {
    const result = await run.run(planOf([slow()], { abortWhen: [] }), {
      [IN_STEP]: () => run.probe.answer((number) => (number % 4 === 0 ? BAD : OK)),
      [IN_STEP + 4000]: () => run.probe.answer(OK),
    });
    expect(result).toMatchObject({ verdict: 'deviated', exit: 1 });
    expect(result.sentence).toMatch(
      /^deviated: read was expected to keep errorRate < 5% and was \d+(\.\d+)?% \(baseline 0%\) 3(\.\d+)? s after the first fault/,
    );
  });

  it('when the steady state does not return at a gate: the next step is not played', async () => {
    const plan = planOf([slow('one'), slow('two', { gateMs: 2000 })], { abortWhen: [] });
    const result = await run.run(plan, {
      15000: () => run.probe.answer(BAD),
      25000: () => run.probe.answer(OK),
    });
    expect(result).toMatchObject({ verdict: 'deviated', exit: 1 });
    expect(run.of('step-gate').map(({ outcome }) => outcome)).toEqual(['waiting', 'not-reached']);
    expect(run.of('step-gate')[1]!.waitedMs).toBeCloseTo(6000, -3);
    expect(run.plane.calls).not.toContain('apply 2');
  });

  it('when recovery takes longer than it may', async () => {
    const result = await run.run(planOf([slow()], { abortWhen: [], recoveryMs: 3000 }), {
      15000: () => run.probe.answer(BAD),
    });
    expect(result).toMatchObject({ verdict: 'deviated', exit: 1 });
    expect(result.sentence).toMatch(
      /^deviated: no recovery within 3 s of the rollback: read still missed errorRate < 5%/,
    );
    expect(run.of('recovery')).toMatchObject([{ recovered: false, afterMs: null }]);
  });

  it('measures recovery from the rollback to the start of the first window that holds', async () => {
    const result = await run.run(planOf([slow()], { abortWhen: [] }), {
      15000: () => run.probe.answer(BAD),
      18000: () => run.probe.answer(OK),
    });
    expect(result.exit).toBe(0);
    const [recovery] = run.of('recovery');
    // Three seconds of errors, of which the window may keep 5%.
    expect(recovery!.afterMs).toBeGreaterThanOrEqual(2500);
    expect(recovery!.afterMs).toBeLessThanOrEqual(3300);
  });
});

describe('a gate between steps', () => {
  it('takes the faults back, waits until all has held for its time, and goes on', async () => {
    await run.run(planOf([slow('one'), slow('two', { gateMs: 2000 })]));
    expect(run.of('step-gate').map(({ outcome }) => outcome)).toEqual(['waiting', 'reached']);
    expect(run.of('step-gate')[1]!.waitedMs).toBeCloseTo(2000, -3);
    expect(run.plane.calls.filter((call) => !call.startsWith('renew'))).toEqual([
      'apply 1',
      'empty 1',
      'apply 2',
      'empty 2',
    ]);
    expect(run.of('step-ended')).toHaveLength(2);
  });

  it('starts its time anew when an expectation is missed meanwhile', async () => {
    const plan = planOf([slow('one'), slow('two', { gateMs: 3000 })], { abortWhen: [] });
    await run.run(plan, { 15500: () => run.probe.answer(BAD), 16000: () => run.probe.answer(OK) });
    expect(run.of('step-gate')[1]!).toMatchObject({ outcome: 'reached' });
    expect(run.of('step-gate')[1]!.waitedMs).toBeGreaterThan(4000);
  });
});

describe('a rollback that is not proven', () => {
  it('is exit 4 whatever the verdict, and is said loudly', async () => {
    run.owned = false;
    const result = await run.run(planOf(), {
      [IN_STEP]: () => {
        run.canary = { through: 'closed', direct: 'open', same: false };
      },
    });
    expect(result).toMatchObject({ verdict: 'held', exit: 4 });
    expect(result.sentence).toContain(
      'ROLLBACK NOT PROVEN: connect through web answers closed, straight to its upstream open',
    );
  });

  it('when units are still held', async () => {
    const result = await run.run(planOf(), {
      [IN_STEP]: () => {
        run.plane.heldUnits = 3;
      },
    });
    expect(result).toMatchObject({ exit: 4 });
    expect(result.sentence).toContain('the data plane still holds 3 units');
  });

  it('when a data plane that is not ours dies and nobody can start it again', async () => {
    run.owned = false;
    const result = await run.run(planOf(), { [IN_STEP]: () => run.plane.die() });
    expect(result).toMatchObject({ verdict: 'aborted', exit: 4 });
    expect(result.sentence).toContain('connect through web answers ECONNREFUSED');
  });

  it('stops the data plane when its set cannot be emptied, and proves it on a clean one', async () => {
    const result = await run.run(planOf(), {
      [IN_STEP]: () => {
        run.plane.hangs = true;
      },
    });
    expect(result).toMatchObject({ verdict: 'held', exit: 0 });
    expect(run.plane.restarts).toBe(1);
    expect(run.of('note').map(({ text }) => text)).toContainEqual(
      expect.stringContaining('the fault set could not be emptied'),
    );
  });

  it('starts a data plane again that died when its set was empty, so that traffic flows', async () => {
    const result = await run.run(planOf(), {
      [IN_STEP]: () => {
        run.plane.diesWhenEmptied = true;
      },
    });
    expect(result).toMatchObject({ verdict: 'held', exit: 0 });
    expect(run.plane.restarts).toBe(1);
    expect(run.of('rollback-emptied')).toHaveLength(1);
    expect(run.of('rollback-proof')[0]!.proof).toMatchObject({ proven: true });
    expect(run.of('note').map(({ text }) => text)).toContainEqual(
      expect.stringContaining('the data plane died after its fault set was emptied'),
    );
  });

  it('is tried again for a while: an upstream that hiccups is no remainder', async () => {
    run.canary = { through: 'open', direct: 'open', same: true };
    const result = await run.run(planOf(), {
      [IN_STEP]: () => {
        run.canary = { through: 'closed', direct: 'open', same: false };
      },
      16500: () => {
        run.canary = { through: 'open', direct: 'open', same: true };
      },
    });
    expect(result.exit).toBe(0);
  });
});

describe('refused before anything was injected, exit 6', () => {
  const notInjected = () => expect(run.plane.calls.filter((call) => call.startsWith('apply'))).toEqual([]);

  it('by a gate', async () => {
    run.limits = { ...run.limits, environment: { name: 'production', allowed: ['staging'] } };
    const result = await run.run();
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 6 });
    expect(result.sentence).toMatch(/^refused: environment "production" is not one/);
    expect(run.of('data-plane')).toEqual([]);
    notInjected();
  });

  it('by an unhealthy baseline, with the figures', async () => {
    run.probe.answer({ ok: false, ms: 3, reason: 'password authentication failed' });
    const result = await run.run();
    expect(result.exit).toBe(6);
    expect(result.sentence).toMatch(
      /^refused: the baseline is not healthy: .*password authentication failed/,
    );
    expect(run.plane.stops).toBe(1);
    notInjected();
  });

  it('by another run', async () => {
    run.others = { recovered: [], live: [{ run: 'other', why: 'its process 12 is alive' }] };
    const result = await run.run();
    expect(result.exit).toBe(6);
    expect(result.sentence).toContain('run "other" is under way');
    notInjected();
  });

  it('by a port in use', async () => {
    run.openError = new FaultlineError('PORT_IN_USE', { address: '127.0.0.1:4000', what: 'proxy "web"' });
    const result = await run.run();
    expect(result).toMatchObject({ exit: 6 });
    expect(result.sentence).toBe(
      'refused: Cannot listen on 127.0.0.1:4000 for proxy "web": the port is in use. Free it or choose another',
    );
  });

  it('by an upstream that cannot be reached', async () => {
    run.canary = { through: 'closed', direct: 'ECONNREFUSED', same: true };
    const result = await run.run();
    expect(result.exit).toBe(6);
    expect(result.sentence).toContain(
      'The upstream of proxy "web", 127.0.0.1:4001, cannot be reached: ECONNREFUSED',
    );
    notInjected();
  });

  it('by a proxy that is not transparent without a fault', async () => {
    run.canary = { through: 'closed', direct: 'open', same: false };
    expect((await run.run()).sentence).toContain('They must answer alike before a run');
    notInjected();
  });

  it('by a driver that cannot count, unless each step says that it knows', async () => {
    run.plane.counts = false;
    const result = await run.run();
    expect(result.exit).toBe(6);
    expect(result.sentence).toContain('Driver "fake" does not count injections, which step "slow" expects');
    notInjected();
    expect(await run.run(planOf([slow('s', { injected: 'unproven' })]))).toMatchObject({ exit: 0 });
  });

  it('by the data plane, when it refuses the first set', async () => {
    run.plane.refusesFrom = 1;
    const result = await run.run();
    expect(result.exit).toBe(6);
    expect(result.sentence).toMatch(/^refused: Epoch 1 is spent/);
    expect(run.of('step-applied')).toEqual([]);
    expect(run.plane.stops).toBe(1);
  });
});

describe('the journal of a run', () => {
  /** Fails from the first line on that has `text` in it. */
  const failingAt = (text: string) => {
    let broken = false;
    return async (lines: string) => {
      broken ||= lines.includes(text);
      if (broken) throw new Error('ENOSPC: no space left on device');
    };
  };

  it('has an act on the disk before the act happens', async () => {
    const order: string[] = [];
    await run.run(
      planOf(),
      {},
      {
        writeJournal: async (lines, sync) => {
          if (lines.includes('step-intended')) order.push(sync ? 'synced' : 'written', ...run.plane.calls);
        },
      },
    );
    expect(order).toEqual(['synced']);
    expect(run.plane.calls[0]).toBe('apply 1');
  });

  it('keeps an act from happening that it cannot record', async () => {
    const result = await run.run(planOf(), {}, { writeJournal: failingAt('step-intended') });
    expect(result).toMatchObject({ exit: 5 });
    expect(result.journalFailures).toEqual(['ENOSPC: no space left on device']);
    expect(run.warnings).toEqual([expect.stringContaining('cannot be written: ENOSPC')]);
    expect(run.plane.calls.filter((call) => call.startsWith('apply'))).toEqual([]);
  });

  it('stops a run that it can record no longer, and the rollback does not wait for it', async () => {
    let full = false;
    const result = await run.run(
      planOf(),
      {
        [IN_STEP]: () => {
          full = true;
        },
      },
      {
        writeJournal: async () => {
          if (full) throw new Error('EIO');
        },
      },
    );
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    expect(result.sentence).toContain('the journal cannot be written: EIO');
    expect(run.plane.set).toBeUndefined();
    expect(run.of('rollback-proof')[0]!.proof.proven).toBe(true);
  });

  it('may hang without holding up the rollback', async () => {
    let hanging = false;
    const result = await run.run(
      planOf([slow('one'), slow('two')]),
      {
        [IN_STEP]: () => {
          hanging = true;
        },
        20000: () => run.abort.abort({ cause: 'signal', text: 'stopped by Ctrl-C' }),
      },
      { writeJournal: () => (hanging ? new Promise(() => {}) : Promise.resolve()) },
    );
    expect(result).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    expect(run.plane.calls.at(-1)).toBe('empty 1');
    expect(result.journalFailures).toEqual(['the journal could not be written in time']);
  });

  it('refuses the run when it cannot even begin', async () => {
    const result = await run.run(planOf(), {}, { writeJournal: failingAt('run-started') });
    expect(result).toMatchObject({ exit: 6 });
    expect(result.sentence).toContain('the run cannot be recorded');
    expect(run.plane.calls).toEqual([]);
  });

  it('holds no password, no credential header and no value of a variable', async () => {
    const probe = {
      ...probeSpec('read', { status: 200, errorRate: '< 5%' }, { everyMs: 100 }),
      kind: 'http' as const,
      method: 'GET',
      url: 'http://someone:hunter2@127.0.0.1/x?token=hunter3',
      headers: { authorization: 'Bearer hunter4', 'x-api-key': '${KEY}' },
    };
    run.limits = { ...run.limits, env: ['KEY'] };
    run.probe.answer((number) =>
      number === 9 ? { ok: false, reason: 'the server said: bad key hunter5-value' } : OK,
    );
    const plan = planOf([slow()], { probes: [probe] });
    const environment = { KEY: 'hunter5-value' };
    await run.run(plan, {}, { environment });
    expect(run.written).not.toContain('hunter');
    expect(run.written).toContain('"x-api-key":"${KEY}"');
    expect(run.written).toContain('bad key ${KEY}');
  });
});

describe('a run whose probe becomes worse than its baseline', () => {
  const long = (rest = {}) =>
    planOf([slow('long', { durationMs: 60_000 })], {
      baselineMs: 60_000,
      abortWhen: [],
      reach: { ...planOf().reach, durationMs: 60_000 },
      ...rest,
    });

  it('is aborted on the evidence of its samples, which the journal holds', async () => {
    const result = await run.run(long(), { 70000: () => run.probe.answer(BAD) });
    expect(result).toMatchObject({ verdict: 'aborted', exit: 3 });
    expect(result.sentence).toMatch(
      /^aborted: read is worse than its baseline: \d+ of the last 20 samples failed, as did 0 of the baseline's \d+; the sequential test of errorRate tolerates 1%/,
    );
    expect(run.of('judging')).toMatchObject([
      { probe: 'read', tests: [{ measure: 'errorRate', looks: 5 }, {}, {}] },
    ]);
    expect(run.of('evidence').length).toBeGreaterThan(1);
    expect(run.of('rollback-started')[0]!.mono).toBeLessThan(80_000);
  });

  it('is played to its end where the limits say off', async () => {
    const { monitor } = run.limits;
    run.limits = { ...run.limits, monitor: { ...monitor, falseAbort: 0 } };
    const result = await run.run(long(), { 70000: () => run.probe.answer(BAD) });
    expect(result.verdict).toBe('deviated');
    expect(run.of('judging')).toEqual([]);
  });
});
