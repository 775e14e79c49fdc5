import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { occurrencesOf } from '../../schedule/occurrences.ts';
import type { Controller } from '../controller.ts';

const NEXT = 5;
const byName = z.object({ name: z.string() });

/** Schedules, when they are due next, and what became of their occurrences. */
export function addScheduleRoutes(app: FastifyInstance, controller: Controller): void {
  const named = (name: string) => {
    const found = controller.schedules.find((one) => one.name === name);
    const names = controller.schedules.map((one) => one.name);
    if (!found)
      throw new FaultlineError('UNKNOWN_SCHEDULE', { schedule: name, suggestion: didYouMean(name, names) });
    return found;
  };
  app.get(
    '/api/schedules',
    { schema: { summary: 'All schedules, with the next times at which they are due.' } },
    async () => ({
      leads: controller.leads,
      schedules: controller.schedules.map((schedule) => ({
        ...schedule,
        next: nextOf(schedule.cron, schedule.zone),
      })),
    }),
  );
  app.get<{ Params: z.infer<typeof byName> }>(
    '/api/schedules/:name/history',
    { schema: { summary: 'What became of its occurrences, the newest first.', params: byName } },
    async ({ params }) => ({ history: await controller.store.history(named(params.name).name, 100) }),
  );
  const pausing = (path: 'pause' | 'resume') =>
    app.post<{ Params: z.infer<typeof byName> }>(
      `/api/schedules/:name/${path}`,
      {
        schema: {
          summary: `${path === 'pause' ? 'Skip its occurrences' : 'Let it start again'}, until the file of schedules is read again.`,
          params: byName,
        },
      },
      async ({ params }) => {
        const { name } = named(params.name);
        const paused = path === 'pause';
        controller.setSchedules(
          controller.schedules.map((one) => (one.name === name ? { ...one, paused } : one)),
        );
        return { name, paused };
      },
    );
  pausing('pause');
  pausing('resume');
}

function nextOf(cron: string, zone: string): readonly string[] {
  const occurrences = occurrencesOf(cron, zone);
  const times: string[] = [];
  for (let at = Date.now(); times.length < NEXT; ) {
    at = occurrences.after(at);
    times.push(new Date(at).toISOString());
  }
  return times;
}
