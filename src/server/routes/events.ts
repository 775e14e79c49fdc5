import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { JournalEvent } from '../../core/journal.ts';
import type { Controller } from '../controller.ts';
import type { Principal } from '../guards/roles.ts';
import { liveState } from '../live/state.ts';
import { HIDDEN_RUN, veiled } from '../live/veil.ts';
import type { FollowedRun } from '../runs/followed.ts';

/** What a client may leave unread before it is let go; it comes back, and begins with the state of that moment. */
const MOST_UNREAD = 1024 * 1024;
const KEEP_ALIVE_MS = 15_000;
const LIVE_MS = 500;

type Hides = (run: FollowedRun) => boolean;

/** What happens now, as it happens. */
export function addEventRoutes(app: FastifyInstance, { launcher, gameDays }: Controller): void {
  const clients = new Map<ServerResponse, Principal>();
  const send = (client: ServerResponse, text: string) => {
    if (client.writableLength > MOST_UNREAD) {
      clients.delete(client);
      client.destroy();
    } else client.write(text);
  };
  /** Worked out once for all who may see the same. */
  const sendAll = (event: string, dataFor: (hides: Hides) => unknown) => {
    const texts = new Map<string, string | undefined>();
    for (const [client, who] of clients) {
      const hides: Hides = ({ id }) => gameDays.hides(id, who);
      const sees = launcher.running().map(hides).join();
      if (!texts.has(sees)) {
        const data = dataFor(hides);
        texts.set(sees, data === undefined ? undefined : textOf(event, data));
      }
      const text = texts.get(sees);
      if (text !== undefined) send(client, text);
    }
  };
  const state = (hides: Hides, whole = false) => ({
    runs: launcher.running().map((run) => {
      const live = liveState(run, { whole });
      return hides(run) ? veiled(live) : live;
    }),
  });
  // Samples and observations come many times a second, and are in the state.
  const onEvent = (run: FollowedRun, event: JournalEvent) => {
    if (event.type !== 'sample' && event.type !== 'observation')
      sendAll('journal', (hides) => (hides(run) ? undefined : { run: run.id, event }));
  };
  const onEnded = (run: FollowedRun) => {
    sendAll('ended', (hides) => ({ run: hides(run) ? HIDDEN_RUN : run.id }));
    sendAll('state', state);
  };
  launcher.on('event', onEvent);
  launcher.on('ended', onEnded);
  const beat = setInterval(() => {
    for (const client of clients.keys()) client.write(': alive\n\n');
  }, KEEP_ALIVE_MS);
  const live = setInterval(() => {
    if (clients.size > 0 && launcher.running().length > 0) sendAll('state', state);
  }, LIVE_MS);
  app.addHook('preClose', async () => {
    clearInterval(beat);
    clearInterval(live);
    launcher.off('event', onEvent);
    launcher.off('ended', onEnded);
    for (const client of clients.keys()) client.end();
  });

  app.get('/api/live', { schema: { summary: 'All runs that go on, as they stand now.' } }, async (request) =>
    state(({ id }) => gameDays.hides(id, request.principal)),
  );
  app.get(
    '/api/events',
    {
      schema: {
        summary:
          'Server-sent events: `state` first and twice a second while a run goes on, `journal` for each event of a run but its samples and observations, and `ended`.',
      },
    },
    (request, reply) => {
      reply.hijack();
      const client = reply.raw;
      client.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const { principal } = request;
      send(
        client,
        textOf(
          'state',
          state(({ id }) => gameDays.hides(id, principal), true),
        ),
      );
      clients.set(client, principal);
      client.once('close', () => clients.delete(client));
    },
  );
}

function textOf(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
