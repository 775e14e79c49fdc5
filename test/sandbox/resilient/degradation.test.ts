import Fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Degradation } from '../../../src/sandbox/platform/resilient/degradation.ts';
import { LEVELS, levelFor, type Signals } from '../../../src/sandbox/platform/resilient/levels.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { meters } from './support.ts';

const WELL: Signals = { ai: 'ok', database: 'ok', memory: 0.1, queue: 0 };

describe('the level that the signals ask for', () => {
  test.each<[string, Partial<Signals>, (typeof LEVELS)[number]]>([
    ['all is well', {}, 'full'],
    ['the AI fails', { ai: 'failing' }, 'ai-degraded'],
    ['the queue is at 80%', { queue: 0.8 }, 'ai-degraded'],
    ['the queue is full', { queue: 1 }, 'read-only'],
    ['memory is at 80%', { memory: 0.8 }, 'ai-degraded'],
    ['memory is at 90%', { memory: 0.9 }, 'read-only'],
    ['memory is at 97%', { memory: 0.97 }, 'emergency'],
    ['the database takes no writes', { database: 'no-writes' }, 'read-only'],
    ['the database is gone', { database: 'gone' }, 'emergency'],
    ['the AI fails and the database is gone', { ai: 'failing', database: 'gone' }, 'emergency'],
  ])('%s', (_, signals, level) => {
    expect(LEVELS[levelFor({ ...WELL, ...signals }).level]).toBe(level);
  });

  test('comes with its reason', () => {
    expect(levelFor({ ...WELL, memory: 0.93 }).because).toBe('memory at 93%');
  });
});

describe('graceful degradation', () => {
  let log: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    log = vi.spyOn(console, 'log').mockReturnValue();
    vi.spyOn(console, 'error').mockReturnValue();
  });
  afterEach(() => void vi.restoreAllMocks());

  function platform() {
    const clock = new FakeClock();
    const state = { signals: WELL as Signals };
    const { metrics, value } = meters();
    const degradation = new Degradation(metrics, {
      read: () => state.signals,
      calm: 10_000,
      now: () => clock.now(),
    });
    const levelAfter = (ms: number, signals: Partial<Signals>) => {
      clock.advance(ms);
      state.signals = { ...WELL, ...signals };
      degradation.look();
      return degradation.level;
    };
    return { degradation, levelAfter, value };
  }

  test('falls at once and rises one level after each calm', () => {
    const { levelAfter } = platform();
    expect(levelAfter(0, { database: 'gone' })).toBe('emergency');
    expect(levelAfter(100, {})).toBe('emergency');
    expect(levelAfter(9000, {})).toBe('emergency');
    expect(levelAfter(1000, {})).toBe('read-only');
    expect(levelAfter(9000, {})).toBe('read-only');
    expect(levelAfter(1000, {})).toBe('ai-degraded');
    expect(levelAfter(10_000, {})).toBe('full');
  });

  test('starts the calm anew when it is disturbed', () => {
    const { levelAfter } = platform();
    levelAfter(0, { ai: 'failing' });
    levelAfter(100, {});
    levelAfter(9000, { ai: 'failing' });
    expect(levelAfter(2000, {})).toBe('ai-degraded');
    expect(levelAfter(9900, {})).toBe('ai-degraded');
    expect(levelAfter(200, {})).toBe('full');
  });

  test('logs and counts each change, and alerts in an emergency', async () => {
    const { levelAfter, value } = platform();
    levelAfter(0, { ai: 'failing' });
    expect(log).toHaveBeenLastCalledWith('degradation: full -> ai-degraded: the AI provider fails');
    expect(await value('degradation_level')).toBe(1);
    expect(await value('alerts_sent_total')).toBe(0);
    levelAfter(0, { database: 'gone' });
    levelAfter(10, {});
    levelAfter(10_000, {});
    expect(await value('degradation_changes_total')).toBe(3);
    expect(await value('degradation_changes_total', { from: 'ai-degraded', to: 'emergency' })).toBe(1);
    expect(await value('alerts_sent_total')).toBe(1);
  });

  test.each<[Partial<Signals>, number[]]>([
    [{}, [200, 200, 200, 200]],
    [{ ai: 'failing' }, [200, 200, 200, 200]],
    [{ database: 'no-writes' }, [503, 200, 200, 200]],
    [{ database: 'gone' }, [503, 200, 503, 200]],
  ])('with %j answers create, read, task and health with %j', async (signals, statuses) => {
    const { degradation, levelAfter } = platform();
    levelAfter(0, signals);
    const app = Fastify();
    degradation.guard(app);
    app.post('/workspaces/:id/tasks', async () => ({}));
    for (const path of ['/workspaces/:id', '/tasks/:id', '/health']) app.get(path, async () => ({}));
    const created = await app.inject({ method: 'POST', url: '/workspaces/1/tasks' });
    const read = await Promise.all(['/workspaces/1', '/tasks/1', '/health'].map((url) => app.inject(url)));
    expect([created, ...read].map((response) => response.statusCode)).toEqual(statuses);
    if (created.statusCode === 503) expect(created.headers['retry-after']).toBe('10');
  });
});
