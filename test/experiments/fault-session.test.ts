import { beforeEach, describe, expect, it } from 'vitest';
import type { FaultDriver } from '../../src/core/ports.ts';
import { createFaultSession, type FaultSession } from '../../src/experiments/engine/fault-session.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakePlane } from './support/fake-plane.ts';
import { slow } from './support/harness.ts';

let clock: FakeClock;
let plane: FakePlane;
/** Calls of the driver wait here until they are let through. */
let gate: (() => void)[];

beforeEach(() => {
  clock = new FakeClock();
  plane = new FakePlane(clock);
  gate = [];
});

function session(driver: FaultDriver = plane.driver(), seen = 0): FaultSession {
  return createFaultSession({ driver, run: 'r', seed: 1, leaseMs: 3000, instance: 'i1', seen, clock });
}

function slowDriver(): FaultDriver {
  const driver = plane.driver();
  return {
    ...driver,
    apply: async (set) => {
      await new Promise<void>((resolve) => gate.push(resolve));
      return driver.apply(set);
    },
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

async function letThrough(): Promise<void> {
  await settle();
  for (const go of gate.splice(0)) go();
  await settle();
}

describe('a session of fault sets', () => {
  it('never lets a renewal overtake the next step', async () => {
    const faults = session(slowDriver());
    const all = [faults.apply(slow()), faults.renew(), faults.apply(slow()), faults.renew()];
    for (const _ of all) await letThrough();
    await Promise.all(all);
    expect(plane.calls).toEqual(['apply 1', 'renew 1', 'apply 2', 'renew 2']);
  });

  it('empties at once, whatever is under way, and spends the epoch that is still on its way', async () => {
    const faults = session(slowDriver());
    const applied = faults.apply(slow());
    applied.catch(() => {});
    await settle();
    await faults.end();
    await letThrough();
    await expect(applied).rejects.toMatchObject({ code: 'EPOCH_SPENT' });
    expect(plane.set).toBeUndefined();
    await expect(faults.apply(slow())).rejects.toThrow('the run is being rolled back');
    await expect(faults.renew()).rejects.toThrow('the run is being rolled back');
  });

  it('renews nothing between two steps, and still notices another data plane', async () => {
    const faults = session();
    await faults.apply(slow());
    await faults.takeBack();
    await faults.renew();
    expect(plane.calls).toEqual(['apply 1', 'empty 1']);
    plane.instance = 'i2';
    await expect(faults.renew()).rejects.toThrow('the data plane was restarted by somebody else');
  });

  it('knows when its lease must be over', async () => {
    const faults = session();
    await faults.apply(slow());
    clock.advance(2000);
    await faults.renew();
    clock.advance(2999);
    expect(faults.leaseOver()).toBe(false);
    clock.advance(1);
    expect(faults.leaseOver()).toBe(true);
  });

  it('puts nothing more in force when its process stood still for a lease, with or without faults there', async () => {
    const faults = session();
    const decidedAt = clock.now();
    clock.advance(3000);
    await expect(faults.apply(slow(), decidedAt)).rejects.toThrow('the controller stood still');
    await faults.apply(slow());
    clock.advance(3000);
    await expect(faults.apply(slow())).rejects.toThrow('the controller stood still');
    expect(plane.calls).toEqual(['apply 1']);
    expect(faults.asked).toBe(1);
  });

  it('counts on from the highest epoch seen, and says how many sets were asked for', async () => {
    const faults = session(plane.driver(), 6);
    expect([faults.nextEpoch, faults.asked, faults.inForce]).toEqual([7, 0, undefined]);
    await faults.apply(slow());
    expect([faults.epoch, faults.asked, faults.inForce]).toEqual([7, 1, 7]);
  });

  it('expects nothing in force in a step without faults', async () => {
    const faults = session();
    await faults.apply(slow('rest', { faults: [] }));
    expect(faults.inForce).toBeUndefined();
  });
});
