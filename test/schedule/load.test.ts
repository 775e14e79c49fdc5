import { expect, it } from 'vitest';
import { loadSchedules } from '../../src/schedule/load.ts';

const load = (text: string) =>
  loadSchedules({ text, file: 'schedules.yaml', experiments: ['redis-latency', 'openai-outage-cascade'] });

it('a schedule has defaults for all but its name, its expression and its experiments', () => {
  expect(load('schedules: [{ name: nightly, cron: "0 2 * * *", experiments: [redis-latency] }]')).toEqual([
    {
      name: 'nightly',
      cron: '0 2 * * *',
      zone: 'UTC',
      experiments: ['redis-latency'],
      pick: 'turn',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 300,
      jitterMs: 0,
      approvedBy: [],
      paused: false,
    },
  ]);
});

it('all problems of a file are told at once, each with its place', () => {
  const text = `schedules:
  - { name: nightly, cron: "0 0 30 2 *", experiments: [redis-latency] }
  - { name: nightly, cron: "0 2 * * *", zone: Europe/Roma, experiments: [redis-latncy] }
`;
  expect(() => load(text)).toThrow(
    /2:28: cron of schedule "nightly".* never due[\s\S]*3:13: Another schedule is named "nightly" already, on line 2[\s\S]*3:47: zone of schedule "nightly"[\s\S]*"Europe\/Roma" is not a time zone[\s\S]*3:74: There is no experiment named "redis-latncy". Did you mean "redis-latency"\?/,
  );
});
