import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectDataPlane, identifyDataPlane, startDataPlane } from '../../src/drivers/embedded/index.ts';
import { controlPlane } from '../support/control-plane.ts';
import { finished, startScript, TYPESCRIPT } from '../support/processes.ts';

const TOKEN = 'a-token-of-a-good-length';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-control-token-'));
  mkdirSync(join(folder, 'experiments'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('a data plane that a run starts, where the environment has a control token', () => {
  it('asks for it, and answers driver and control plane, which bring it', async () => {
    vi.stubEnv('FAULTLINE_CONTROL_TOKEN', TOKEN);
    const started = await startDataPlane({
      control: '127.0.0.1:0',
      proxies: [],
      folder,
      execArgv: TYPESCRIPT,
    });
    const { control } = started;
    writeFileSync(join(folder, 'faultline.yaml'), `control: ${control}\nproxies: {}\n`);
    const plane = await controlPlane(folder, { experiments: 'experiments', command: ['false'] });
    const driver = connectDataPlane(control);
    const proxies = () => fetch(`${plane.url}/api/proxies`);
    try {
      expect((await fetch(`http://${control}/faults`)).status).toBe(401);
      expect(await driver.state()).toMatchObject({ faults: [] });
      expect((await proxies()).status).toBe(200);
      vi.unstubAllEnvs();
      expect(await identifyDataPlane(control)).toMatchObject({ kind: 'locked' });
      const refused = await proxies();
      expect(refused.status).toBe(503);
      expect(await refused.text()).toContain('another control token');
    } finally {
      await driver.close();
      await plane.close();
      await started.stop();
    }
  });
});

describe('faultline proxy', () => {
  it.each([
    ['an address beyond this machine', ['--control', '0.0.0.0:0'], {}, 6, 'without a token'],
    ['a token that is too short', [], { FAULTLINE_CONTROL_TOKEN: 'hush' }, 2, '4 characters'],
  ])('does not start with %s, and says why', async (_, args, environment, exit, why) => {
    const env = { PATH: process.env.PATH, ...environment };
    const { code, stderr } = await finished(
      startScript('src/cli/main.ts', ['proxy', '--control', '127.0.0.1:0', ...args], { cwd: folder, env }),
    );
    expect(code).toBe(exit);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('hush');
  });
});
