import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { halt as haltVerb } from '../../src/cli/halt/index.ts';
import { connectDataPlane, type StartedDataPlane, startDataPlane } from '../../src/drivers/embedded/index.ts';
import { Lab } from '../support/experiment.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { until } from '../support/until.ts';

let lab: Lab;
let planes: StartedDataPlane[];
beforeEach(async () => {
  lab = new Lab();
  planes = [];
  await lab.open();
});
afterEach(async () => {
  for (const plane of planes) await plane.stop();
  await lab.close();
});

/** The verb in this process: starting another one for each call takes seconds on a busy machine. */
async function halt(options: Partial<Parameters<typeof haltVerb>[0]> = {}) {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += text;
      return true;
    }),
  );
  try {
    const code = await haltVerb({ reason: 'real incident', cwd: lab.folder, ...options });
    return { code, ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** A data plane that a run of this folder left, or the one at its control address, with a fault in force. */
async function plane(run?: string): Promise<StartedDataPlane> {
  const started = await startDataPlane({
    control: run ? '127.0.0.1:0' : `127.0.0.1:${lab.controlPort}`,
    proxies: [{ name: 'web', protocol: 'tcp', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' }],
    folder: join(lab.folder, run ? `.faultline/runs/${run}` : 'own'),
    execArgv: TYPESCRIPT,
  });
  planes.push(started);
  const driver = connectDataPlane(started.control);
  await driver.apply({
    run: 'r',
    epoch: 1,
    lease: '1m',
    seed: 1,
    faults: [{ proxy: 'web', type: 'blackhole' }],
  });
  await driver.close();
  return started;
}

async function stateOf({ control }: StartedDataPlane) {
  const driver = connectDataPlane(control);
  try {
    return await driver.state();
  } finally {
    await driver.close();
  }
}

const stopFile = () => join(lab.folder, '.faultline/STOP');

describe('faultline halt', () => {
  test('halts every data plane of the folder, says by whom and why, and lifts all of it again', async () => {
    const [own, kept] = [await plane(), await plane('kept')];
    const halted = await halt({ by: 'Ada' });
    expect(halted).toMatchObject({ code: 0, stderr: '' });
    for (const each of [own, kept]) {
      expect(halted.stdout).toContain(`data plane at ${each.control} halted`);
      expect(await stateOf(each)).toMatchObject({
        faults: [],
        previous: { ended: 'halted' },
        halted: { reason: 'real incident', by: 'Ada', since: expect.any(String) },
      });
    }
    expect(JSON.parse(readFileSync(stopFile(), 'utf8'))).toMatchObject({
      reason: 'real incident',
      by: 'Ada',
      pid: expect.any(Number),
    });

    const status = await halt({ status: true });
    expect(status.code).toBe(6);
    expect(status.stdout).toMatch(/the stop file .* is there: real incident \(since .* by Ada\)/);
    expect(status.stdout.match(/is halted since .* by Ada: real incident/g)).toHaveLength(2);

    expect(await halt({ lift: true, by: 'Bob' })).toMatchObject({ code: 0, stderr: '' });
    for (const each of [own, kept]) expect(await stateOf(each)).not.toHaveProperty('halted');
    expect(existsSync(stopFile())).toBe(false);
    expect(readFileSync(`${stopFile()}.log`, 'utf8')).toMatch(
      /"halted","by":"Ada"[\s\S]*"lifted","by":"Bob"/,
    );
    expect((await halt({ status: true })).code).toBe(0);
  });

  test('tells a data plane whose port does not answer by a signal, and says what it could not reach', async () => {
    const frozen = await plane('frozen');
    process.kill(frozen.pid, 'SIGSTOP');
    try {
      const halted = await halt();
      expect(halted.code).toBe(4);
      expect(halted.stderr).toMatch(
        /^NOT HALTED: data plane at .* \(started by run frozen\): .*told by a signal and has not answered/m,
      );
    } finally {
      process.kill(frozen.pid, 'SIGCONT');
    }
    await until('it is halted once it wakes', async () => (await stateOf(frozen)).halted);
    expect(await stateOf(frozen)).toMatchObject({ faults: [] });
  });

  test('halts a data plane whose control port is flooded with calls', async () => {
    const own = await plane();
    const flood = new AbortController();
    const callers = Array.from({ length: 64 }, async () => {
      while (!flood.signal.aborted) await (await fetch(`http://${own.control}/connections`)).text();
    });
    try {
      expect(await halt()).toMatchObject({ code: 0, stderr: '' });
    } finally {
      flood.abort();
      await Promise.all(callers);
    }
    expect(await stateOf(own)).toMatchObject({ faults: [], halted: { reason: 'real incident' } });
  });

  test('halts data planes where the stop file cannot be written and the limits cannot be read', async () => {
    const own = await plane();
    writeFileSync(join(lab.folder, '.faultline'), 'not a folder');
    writeFileSync(join(lab.folder, 'safety-limits.yaml'), 'environment: [');
    const halted = await halt();
    expect(halted.code).toBe(4);
    expect(halted.stderr).toMatch(/^NOT HALTED: stop file .* cannot be written/m);
    expect(await stateOf(own)).toMatchObject({ faults: [], halted: { reason: 'real incident' } });
    expect((await halt({ lift: true })).stderr).toMatch(/^NOT LIFTED: the lift cannot be recorded/m);
    expect(await stateOf(own)).toMatchObject({ halted: { reason: 'real incident' } });
  });

  test('ends a run, waits for it, and is in its journal with who and why', async () => {
    const file = lab.experiment('{ proxy: web, type: latency, attributes: { latency: 1 } }');
    // As long as it takes: only the halt ends it.
    writeFileSync(file, readFileSync(file, 'utf8').replace('duration: 2s', 'duration: 5m'));
    const running = lab.run(file);
    await lab.inForce();
    const halted = await halt({ by: 'Ada' });
    expect(halted.stdout).toMatch(/^run \S+ has (taken its faults back|ended)/m);
    expect(halted.code).toBe(0);
    expect(await running).toMatchObject({ verdict: 'inconclusive', exit: 5 });
    const [started] = lab.of('rollback-started');
    expect(started).toMatchObject({ by: 'Ada', reason: expect.stringContaining('real incident') });
    expect(['halt', 'stop-file']).toContain(started!.cause);
    expect(lab.of('rollback-proof')[0]!.proof.proven).toBe(true);
  });
});
