import { expect, test } from 'vitest';
import { LastKnownWorkspaces } from '../../../src/sandbox/platform/resilient/last-known.ts';
import { meters } from './support.ts';

test('a workspace that cannot be read is served as it was last seen, and says so', async () => {
  const { metrics, value } = meters();
  const state = { emergency: false, fails: false, reads: 0 };
  const workspaces = {
    async find(id: number) {
      state.reads++;
      if (state.fails) throw new Error('no database');
      return id === 1 ? { id, reads: state.reads } : undefined;
    },
  };
  const lasting = new LastKnownWorkspaces(workspaces, () => state.emergency, metrics);
  expect(await lasting.find(1)).toEqual({ id: 1, reads: 1 });
  expect(await lasting.find(9)).toBeUndefined();
  state.fails = true;
  expect(await lasting.find(1)).toEqual({ id: 1, reads: 1, stale: true });
  await expect(lasting.find(2), 'never seen').rejects.toThrow('no database');
  const { reads } = state;
  state.emergency = true;
  expect(await lasting.find(1)).toMatchObject({ stale: true });
  expect(state.reads, 'the database is left alone').toBe(reads);
  expect(await value('last_known_reads_total')).toBe(2);
  Object.assign(state, { emergency: false, fails: false });
  expect(await lasting.find(1)).not.toHaveProperty('stale');
});
