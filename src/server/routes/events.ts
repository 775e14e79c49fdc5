import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { JournalEvent } from '../../core/journal.ts';
import type { Controller } from '../controller.ts';
import type { Principal } from '../guards/roles.ts';
import { liveState } from '../live/state.ts';
import { veiled } from '../live/veil.ts';
import type { FollowedRun } from '../runs/followed.ts';

/** What a client may leave unread before it is let go; it comes back, and begins with the state of that moment. */
const MOST_UNREAD = 1024 * 1024;
const KEEP_ALIVE_MS = 15_000;
const LIVE_MS = 500;
/** How long a stream lives on at most whose token was revoked or whose session has ended. */
const HOLDS_MS = 1000;

interface Client {
  readonly who: Principal;
  /** Its credentials do. */
  readonly stillHolds: () => boolean;
}

type Hides = (run: FollowedRun) => boolean;

/** What happens now, as it happens. */
export function addEventRoutes(app: FastifyInstance, { launcher, gameDays }: Controller): void {
  const clients = new Map<ServerResponse, Client>();
  const send = (client: ServerResponse, text: string) => {
    if (client.writableLength > MOST_UNREAD) {
      clients.delete(client);
      client.destroy();
    } else client.write(text);
  };
  const hidesFrom =
    (who: Principal): Hides =>
    ({ id }) =>
      gameDays.hides(id, who);
  /** Worked out once for all who may see the same. */
  const sendAll = (event: string, about: readonly FollowedRun[], dataFor: (hides: Hides) => unknown) => {
    const texts = new Map<string, string | undefined>();
    for (const [client, { who }] of clients) {
      const hides = hidesFrom(who);
      const sees = about.map(hides).join();
      if (!texts.has(sees)) {
        const data = dataFor(hides);
        texts.set(sees, data === undefined ? undefined : textOf(event, data));
      }
      const text = texts.get(sees);
      if (text !== undefined) send(client, text);
    }
  };
  const seenBy = (hides: Hides, run: FollowedRun, whole = false) => {
    const live = liveState(run, { whole });
    return hides(run) ? veiled(live) : live;
  };
  const state = (hides: Hides, whole = false) => ({
    runs: launcher.running().map((run) => seenBy(hides, run, whole)),
  });
  const onEvent = (run: FollowedRun, event: JournalEvent) => {
    if (isTold(event))
      sendAll('journal', [run], (hides) => (hides(run) ? undefined : { run: run.id, event }));
  };
  const onEnded = (run: FollowedRun) => {
    sendAll('ended', [run], (hides) => {
      const live = seenBy(hides, run);
      return { run: live.id, live };
    });
    sendAll('state', launcher.running(), (hides) => state(hides));
  };
  launcher.on('event', onEvent);
  launcher.on('ended', onEnded);
  const beat = setInterval(() => {
    for (const client of clients.keys()) client.write(': alive\n\n');
  }, KEEP_ALIVE_MS);
  const live = setInterval(() => {
    if (clients.size > 0 && launcher.running().length > 0)
      sendAll('state', launcher.running(), (hides) => state(hides));
  }, LIVE_MS);
  const check = setInterval(() => {
    for (const [client, { stillHolds }] of clients) if (!stillHolds()) client.end();
  }, HOLDS_MS);
  app.addHook('preClose', async () => {
    clearInterval(beat);
    clearInterval(check);
    clearInterval(live);
    launcher.off('event', onEvent);
    launcher.off('ended', onEnded);
    for (const client of clients.keys()) client.end();
  });

  app.get('/api/live', { schema: { summary: 'All runs that go on, as they stand now.' } }, async (request) =>
    state(hidesFrom(request.principal)),
  );
  app.get(
    '/api/events',
    {
      schema: {
        summary:
          'Server-sent events: `state` first and twice a second while a run goes on, `journal` for each event of a run but its samples, observations and renewals (those so far at once), and `ended` with its last state.',
      },
    },
    (request, reply) => {
      reply.hijack();
      const client = reply.raw;
      client.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      });
      const hides = hidesFrom(request.principal);
      send(client, textOf('state', state(hides, true)));
      for (const run of launcher.running()) {
        if (hides(run)) continue;
        run.follow((event) => isTold(event) && send(client, textOf('journal', { run: run.id, event })))();
      }
      clients.set(client, { who: request.principal, stillHolds: () => request.stillHolds() });
      client.once('close', () => clients.delete(client));
    },
  );
}

/** Samples, observations and renewals come many times a minute, and are in the state. */
function isTold({ type }: JournalEvent): boolean {
  return type !== 'sample' && type !== 'observation' && type !== 'renewed';
}

function textOf(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
