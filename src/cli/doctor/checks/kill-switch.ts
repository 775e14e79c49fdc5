import { resolve } from 'node:path';
import { connectDataPlane, identifyDataPlane } from '../../../drivers/embedded/index.ts';
import { killSwitch as killSwitchThrown } from '../../../safety/kill-switch.ts';
import { type Check, ok, refused } from '../contract.ts';

export const killSwitch: Check = {
  name: 'kill switch',
  async look({ cwd, limits, control }) {
    const stopFile = resolve(cwd, limits.stopFile);
    const { kind } = await identifyDataPlane(control);
    const plane = kind === 'ours' ? connectDataPlane(control) : undefined;
    try {
      const thrown = await killSwitchThrown({ stopFile, plane });
      if (thrown === undefined) return [ok('off')];
      return [refused(thrown, 'Lift it with "faultline halt --lift" when it is safe.')];
    } finally {
      await plane?.close();
    }
  },
};
