import { describe, expect, test } from 'vitest';
import { CRASHES } from '../../src/experiments/proof/crash.ts';
import { lacksTool } from '../support/services.ts';
import { SAMPLE } from './cases.ts';
import { play } from './play-all.ts';

const NEEDS_REDIS = 'Redis killed';

describe.concurrent('traffic flows clean, and nothing is left, when in a run', () => {
  for (const crash of SAMPLE) {
    const skipped = crash.kind === NEEDS_REDIS && lacksTool('redis-server', 'valkey-server');
    test.skipIf(skipped)(`${CRASHES[crash.kind].sentence}, at ${crash.at}`, { timeout: 90_000 }, async () => {
      const outcome = await play(crash);
      expect(outcome).toMatchObject({
        reached: true,
        problems: [],
        left: { faults: 0, held: 0, broken: [] },
      });
    });
  }
});
