import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FaultlineError } from '../../core/errors.ts';
import { oneLine } from '../../core/halt.ts';
import type { Act } from '../../gameday/contract.ts';
import type { GameDayState } from '../../gameday/state.ts';
import { isOver } from '../../gameday/state.ts';
import { viewOf } from '../../gameday/view.ts';
import type { Controller } from '../controller.ts';
import { observes } from '../gamedays.ts';
import { REPORT_POLICY } from '../guards/headers.ts';
import { whoOf } from './who.ts';

const order = z.strictObject({ name: z.string().min(1).describe('Name of a game day.') });
const byId = z.object({ id: z.string().regex(/^[\w-]+$/, 'a game day is named by its id') });
const words = z.string().trim().min(1).max(2000);
const by = z
  .string()
  .max(80)
  .optional()
  .describe('Whose words they are, where the token is nobody of the game day.');
const prediction = z.strictObject({ item: z.number().int().min(0), text: words, by });
const note = z.strictObject({ text: words, by });
const aimed = z.strictObject({
  aim: z
    .strictObject({ item: z.number().int().min(0), gate: z.boolean() })
    .optional()
    .describe('The item, and whether it is at its gate, as whoever asks sees it: else nothing is done.'),
});
const reason = z.strictObject({ reason: z.string().min(1).max(500).default('stopped from the dashboard') });

type ById = { Params: z.infer<typeof byId> };

/** Game days: what is on the agenda, what people predict, do and note. Observers are sent nothing that is hidden from them. */
export function addGameDayRoutes(app: FastifyInstance, { gameDays }: Controller): void {
  app.get(
    '/api/gamedays',
    { schema: { summary: 'Game days that can be begun, and all that were.' } },
    async ({ principal }) => ({
      // What is wrong with a file may name what is blind in it.
      files: gameDays
        .files()
        .map((file) =>
          principal.role === 'viewer' && file.problems.length > 0 ? { ...file, problems: WRONG } : file,
        ),
      gameDays: gameDays.all().map(({ id, state }) => ({
        id,
        title: state!.gameDay.title,
        startedAt: state!.startedAt,
        endedAt: state!.endedAt,
      })),
    }),
  );
  app.post<{ Body: z.infer<typeof order> }>(
    '/api/gamedays',
    { schema: { summary: 'Begin a game day, or go on with it where it was.', body: order } },
    async ({ body }, reply) => reply.code(202).send({ id: gameDays.open(body.name) }),
  );
  app.get<ById>(
    '/api/gamedays/:id',
    { schema: { summary: 'A game day as whoever asks may see it.', params: byId } },
    async (request) => {
      const { id } = request.params;
      const state = gameDays.named(id).state!;
      const viewer = observes(request.principal, state) ? 'observer' : 'insider';
      return { ...viewOf(state, viewer, whoOf(request)), trouble: gameDays.trouble(id) ?? null };
    },
  );
  for (const type of ['go', 'hold', 'skip'] as const)
    app.post<ById & { Body: z.infer<typeof aimed> }>(
      `/api/gamedays/:id/${type}`,
      { schema: { summary: SUMMARIES[type], params: byId, body: aimed } },
      async (request) => steer(request, { type, by: whoOf(request), ...request.body }),
    );
  app.post<ById>(
    '/api/gamedays/:id/join',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Say that you are there, where the token is of somebody of the game day.',
        params: byId,
      },
    },
    async (request) => record(request, { type: 'joined', by: whoOf(request) }),
  );
  app.post<ById & { Body: z.infer<typeof reason> }>(
    '/api/gamedays/:id/stop',
    {
      config: { takesBack: true },
      schema: { summary: 'End the run by its rollback, and the game day.', params: byId, body: reason },
    },
    async (request) => {
      const [by, why] = [whoOf(request), oneLine(request.body.reason)];
      try {
        return steer(request, { type: 'stopped', by, reason: why });
      } catch (error) {
        // Taking back waits for no record.
        if (error instanceof FaultlineError && error.code === 'GAME_DAY_NOT_WRITTEN')
          gameDays.stopRun(request.params.id, why, by);
        throw error;
      }
    },
  );
  app.post<ById & { Body: z.infer<typeof prediction> }>(
    '/api/gamedays/:id/predictions',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'What somebody expects of an item; nobody is shown it before the item is over.',
        params: byId,
        body: prediction,
      },
    },
    async (request) => {
      const { item, text } = request.body;
      const by = speaker(stateOf(request), request);
      return record(request, { type: 'predicted', by, item, text: oneLine(text) });
    },
  );
  app.post<ById & { Body: z.infer<typeof note> }>(
    '/api/gamedays/:id/notes',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'A note into the timeline; of a game day that is over, also into its report.',
        params: byId,
        body: note,
      },
    },
    async (request) => {
      const by = speaker(stateOf(request), request);
      record(request, { type: 'noted', by, text: oneLine(request.body.text) });
      gameDays.rewrite(request.params.id);
      return {};
    },
  );
  for (const [path, type] of REPORTS)
    app.get<ById>(
      `/api/gamedays/:id/${path}`,
      { schema: { summary: 'The report of a game day that is over.', params: byId } },
      async ({ params }, reply) => {
        const { folder, state } = gameDays.named(params.id);
        if (!isOver(state!))
          throw new FaultlineError('NOT_NOW', { act: 'The report', why: 'the game day is not over' });
        return reply
          .header('content-security-policy', REPORT_POLICY)
          .type(type)
          .send(readFileSync(join(folder, path)));
      },
    );

  function stateOf({ params }: FastifyRequest<ById>): GameDayState {
    return gameDays.named(params.id).state!;
  }

  function record({ params }: FastifyRequest<ById>, act: Act): object {
    gameDays.named(params.id).append(act);
    return {};
  }

  /** Records it and does at once what follows from it. */
  function steer(request: FastifyRequest<ById>, act: Act): object {
    record(request, act);
    gameDays.look(request.params.id);
    return {};
  }
}

/** What a viewer is told of a file that is wrong. */
const WRONG = ['It cannot be begun; an operator is told why.'];

const SUMMARIES = {
  go: 'Open the gate, or let the held step begin.',
  hold: 'Keep the gate shut, or hold the run before its next step.',
  skip: 'Leave the item out at its gate, or the step that is held.',
};

const REPORTS = [
  ['report.html', 'text/html; charset=utf-8'],
  ['report.md', 'text/markdown; charset=utf-8'],
  ['report.json', 'application/json; charset=utf-8'],
] as const;

/** Who is of the game day speaks for themselves; a token that several share says for whom. */
function speaker(
  { gameDay: { people } }: GameDayState,
  request: FastifyRequest<{ Body: { readonly by?: string | undefined } }>,
): string {
  const own = whoOf(request);
  const { by: named } = request.body;
  if (people.some(({ name }) => name === own) || named === undefined) return own;
  return people.some(({ name }) => name === named) ? named : `${named} (${own})`;
}
