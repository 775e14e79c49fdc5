import { FaultlineError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { must, mustBeside, type Profile, rate, think, users } from './contract.ts';
import { AGENT_STATE, REDIS_KEYS, TASKS, WORKDAY, WORKDAY_TIMES } from './mixes.ts';

const backAfter = (stage: string, before: string) => [
  mustBeside({ stage }, before, 'p95 < 1.5x'),
  ...must({ errorRate: '< 1%' }, { stage }),
];

export const PROFILES: readonly Profile[] = [
  {
    name: 'baseline',
    sentence: 'one user, to compare everything else with',
    stages: [users('steady', '1m', 1)],
    think: think(0.6, 1),
    scenarios: WORKDAY,
    // One user asks too rarely for figures by scenario.
    thresholds: must({ p95: '< 3s', p99: '< 5s', errorRate: '== 0%', throughput: '>= 20/min' }),
  },
  {
    name: 'normal-day',
    sentence: 'the users of a normal hour',
    stages: [users('steady', '10m', 30)],
    think: think(1.5, 2.5),
    scenarios: WORKDAY,
    thresholds: [
      ...must({ p95: '< 4s', p99: '< 6s', errorRate: '< 1%', throughput: '>= 600/min' }),
      ...WORKDAY_TIMES,
    ],
  },
  {
    name: 'peak-hours',
    sentence: 'everybody is at work',
    stages: [users('steady', '10m', 50)],
    think: think(2, 3),
    scenarios: WORKDAY,
    thresholds: [
      ...must({
        p95: '< 5s',
        p99: '< 8s',
        errorRate: '< 1%',
        throughput: '>= 1000/min',
        cacheHitRate: '> 70%',
      }),
      ...WORKDAY_TIMES,
    ],
  },
  {
    name: 'deadline',
    sentence: 'the last half hour before something is due',
    stages: [users('steady', '30m', 100)],
    think: think(2, 3),
    scenarios: WORKDAY,
    thresholds: must({ p95: '< 8s', p99: '< 12s', errorRate: '< 2%', throughput: '>= 1500/min' }),
  },
  {
    name: 'stress',
    sentence:
      'more users minute by minute, to find the breaking point; afterwards one user must be served again',
    stages: [
      ...[25, 50, 75, 100, 125, 150].map((level) => users(`${level} users`, '90s', level)),
      users('afterwards', '1m', 1),
    ],
    think: think(1, 2),
    scenarios: WORKDAY,
    thresholds: must({ errorRate: '< 5%' }, { stage: 'afterwards' }),
  },
  {
    name: 'spike',
    sentence: 'from 10 users to 100 in half a minute; recovered two minutes after the spike',
    stages: [
      users('before', '2m', 10),
      users('rise', '30s', 10, 100),
      users('spike', '3m', 100),
      users('recovering', '2m', 10),
      users('after', '150s', 10),
    ],
    think: think(2, 3),
    scenarios: WORKDAY,
    thresholds: [
      ...must({ errorRate: '< 5%' }, { stage: 'rise' }),
      ...must({ errorRate: '< 5%' }, { stage: 'spike' }),
      ...backAfter('after', 'before'),
    ],
  },
  {
    name: 'soak',
    sentence: 'a normal day for hours: nothing may get worse with time',
    stages: [users('first', '80m', 30), users('middle', '80m', 30), users('last', '80m', 30)],
    think: think(1.5, 2.5),
    scenarios: WORKDAY,
    thresholds: [...must({ errorRate: '< 1%' }), mustBeside({ stage: 'last' }, 'first', 'p95 < 1.2x')],
  },
  {
    name: 'burst',
    sentence: 'four times the usual rate for two minutes, and back; it comes whether or not answers do',
    stages: [
      rate('before', '2m', 20),
      rate('burst', '2m', 80),
      rate('recovering', '30s', 20),
      rate('after', '2m', 20),
    ],
    think: think(1, 1),
    scenarios: WORKDAY,
    thresholds: [...must({ errorRate: '< 20%' }, { stage: 'burst' }), ...backAfter('after', 'before')],
  },
  {
    name: 'workspaces-ramp',
    sentence: 'a morning from 12 to 156 to 340 workspaces at once',
    stages: [
      users('12 to 156', '150m', 12, 156),
      users('156 to 340', '45m', 156, 340),
      users('340 workspaces', '30m', 340),
      users('back to 12', '15m', 340, 12),
      users('after', '15m', 12),
    ],
    think: think(2, 4),
    scenarios: WORKDAY,
    thresholds: [
      ...must({ errorRate: '< 5%' }, { stage: '340 workspaces' }),
      ...must({ errorRate: '< 1%' }, { stage: 'after' }),
    ],
  },
  {
    name: 'task-creations',
    sentence: 'a thousand workspaces create a task within one second',
    stages: [
      { ...rate('at once', '1s', 1000), fixed: true },
      rate('recovering', '30s', 2),
      rate('after', '1m', 2),
    ],
    think: think(1, 1),
    scenarios: TASKS,
    thresholds: [
      ...must({ errorRate: '< 1%', p95: '< 30s' }, { stage: 'at once' }),
      ...must({ errorRate: '== 0%', p95: '< 1s' }, { stage: 'after' }),
    ],
  },
  {
    name: 'agents',
    sentence:
      'a hundred agents that keep their state in Postgres and Redis: 60% read, 40% write, small to enterprise size',
    stages: [users('steady', '5m', 100)],
    think: think(0.5, 1.5),
    scenarios: AGENT_STATE,
    thresholds: [
      ...must({ p50: '< 50ms', p95: '< 150ms', p99: '< 200ms', errorRate: '< 0.1%' }),
      mustBeside({ scenario: 'read-small' }, 'write-small', 'p50 < 1x'),
      mustBeside({ scenario: 'read-enterprise' }, 'read-small', 'p50 < 10x'),
      mustBeside({ scenario: 'write-enterprise' }, 'write-small', 'p50 < 10x'),
    ],
  },
  {
    name: 'redis-connections',
    sentence:
      'two hundred connections to a Redis, each with commands of its own; the target is a redis:// address',
    stages: [users('before', '1m', 20), users('rise', '30s', 20, 200), users('200 connections', '3m', 200)],
    think: think(1, 2),
    scenarios: REDIS_KEYS,
    thresholds: must({ errorRate: '< 30%' }, { stage: '200 connections' }),
  },
];

/** @throws FaultlineError UNKNOWN_PROFILE */
export function profileOf(name: string): Profile {
  const found = PROFILES.find((profile) => profile.name === name);
  if (found) return found;
  const known = PROFILES.map((profile) => profile.name);
  const near = didYouMean(name, known) || ` There are: ${known.join(', ')}.`;
  throw new FaultlineError('UNKNOWN_PROFILE', { profile: name, suggestion: near });
}
