import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import { problemsOf } from '../../schedule/check.ts';
import { occurrencesOf } from '../../schedule/occurrences.ts';
import { type ScheduleEntry, scheduleSchema } from '../../schedule/schema.ts';
import type { Controller } from '../controller.ts';
import { experimentsOn } from '../runs/experiments.ts';
import type { KnownSchedule } from '../schedules/index.ts';
import { whoOf } from './who.ts';

const NEXT = 5;
const HISTORY = 100;
/** Only what can be a name: with any text, the history of a name would be a path. */
const byName = z.object({ name: scheduleSchema.shape.name });
const rule = z.strictObject({ cron: z.string().min(1), zone: z.string().min(1) });
const entry = scheduleSchema
  .omit({ name: true })
  .extend({ paused: z.boolean().optional().describe('Left as it is where it is not given.') });

type ByName = { Params: z.infer<typeof byName> };

/** One thing that is wrong with a schedule that was sent, and with which of its fields. */
interface Complaint {
  readonly field: string;
  readonly error: FaultlineError;
}

/** Schedules, when they are due next, what became of their occurrences; making, changing, pausing and deleting them. */
export function addScheduleRoutes(app: FastifyInstance, controller: Controller): void {
  const { schedules, store } = controller;

  app.get(
    '/api/schedules',
    { schema: { summary: 'All schedules, with the next times at which they are due.' } },
    async () => ({ leads: controller.leads, schedules: schedules.all().map(shown) }),
  );
  app.get<{ Querystring: z.infer<typeof rule> }>(
    '/api/schedules/preview',
    { schema: { summary: 'The next times at which an expression is due in a zone.', querystring: rule } },
    async ({ query: { cron, zone } }, reply) => {
      const [wrong] = problemsOf({ ...BARE, cron, zone }, BARE.experiments);
      return wrong ? refuse(reply, [complaintOf(wrong)]) : { next: nextOf(cron, zone) };
    },
  );
  app.get<ByName>(
    '/api/schedules/:name/history',
    { schema: { summary: 'What became of its occurrences, the newest first.', params: byName } },
    async ({ params }) => {
      const history = await store.history(params.name, HISTORY);
      // That of a schedule that was deleted stays.
      if (history.length === 0) schedules.named(params.name);
      return { history };
    },
  );
  app.put<ByName & { Body: unknown }>(
    '/api/schedules/:name',
    {
      schema: {
        summary: 'Make a schedule, or change it whole. Not one of the file.',
        params: byName,
        body: entry,
      },
      // Judged below, with a sentence for each field.
      validatorCompiler: () => (value) => ({ value }),
    },
    async (request, reply) => {
      const experiments = experimentsOn(controller.shelf).map(({ name }) => name);
      const { name } = request.params;
      const judged = judge({ ...asObject(request.body), name }, experiments);
      if ('complaints' in judged) return refuse(reply, judged.complaints);
      const { paused, ...given } = judged;
      const done = await schedules.put({ ...given, paused: false }, paused, whoOf(request));
      return reply.code(done === 'made' ? 201 : 200).send(shown(schedules.named(name)));
    },
  );
  app.delete<ByName>(
    '/api/schedules/:name',
    {
      schema: {
        summary: 'Delete a schedule; a run of it goes on, its history stays. Not one of the file.',
        params: byName,
      },
    },
    async ({ params: { name } }) => {
      await schedules.remove(name);
      return { name, deleted: true };
    },
  );
  for (const path of ['pause', 'resume'] as const)
    app.post<ByName>(
      `/api/schedules/:name/${path}`,
      {
        schema: {
          summary: `${path === 'pause' ? 'Skip its occurrences' : 'Let it start again'}, whatever its file says, at every controller and over restarts.`,
          params: byName,
        },
      },
      async ({ params: { name } }) => {
        await schedules.pause(name, path === 'pause');
        return { name, paused: path === 'pause' };
      },
    );
}

const named = scheduleSchema.extend({ paused: z.boolean().optional() });

/** What stands in for the rest where only an expression and a zone are asked about. */
const BARE: ScheduleEntry = scheduleSchema.parse({ name: 'new', cron: '* * * * *', experiments: ['any'] });

function judge(
  value: unknown,
  experiments: readonly string[],
): z.infer<typeof named> | { readonly complaints: readonly Complaint[] } {
  const { success, data, error } = named.safeParse(value);
  const complaints = success
    ? problemsOf({ ...data, paused: false }, experiments).map(complaintOf)
    : error.issues.flatMap(complaintsOf);
  return success && complaints.length === 0 ? data : { complaints };
}

function complaintOf({ field, code, values }: ReturnType<typeof problemsOf>[number]): Complaint {
  return { field, error: new FaultlineError(code, values) };
}

function complaintsOf(issue: z.core.$ZodIssue): readonly Complaint[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: key,
      error: new FaultlineError('UNKNOWN_KEY', { key, where: 'the schedule' }),
    }));
  const field = String(issue.path[0] ?? '');
  const reason = issue.message.replace(/^Invalid input: /, '');
  return [{ field, error: new FaultlineError('INVALID', { where: field || 'the schedule', reason }) }];
}

/** As every error is answered, and with the field of each sentence. */
function refuse(
  reply: { code(status: number): { send(body: unknown): unknown } },
  complaints: readonly Complaint[],
): unknown {
  const { status, code } = complaints[0]!.error;
  const fields = complaints.map(({ field, error }) => ({ field, message: error.message }));
  const message = fields.map((one) => one.message).join('\n');
  return reply.code(status).send({ error: { code, message, fields } });
}

function asObject(body: unknown): object {
  return typeof body === 'object' && body !== null ? body : {};
}

function shown(schedule: KnownSchedule): object {
  return { ...schedule, next: nextOf(schedule.cron, schedule.zone) };
}

function nextOf(cron: string, zone: string): readonly string[] {
  return occurrencesOf(cron, zone)
    .coming(Date.now(), NEXT)
    .map((at) => new Date(at).toISOString());
}
