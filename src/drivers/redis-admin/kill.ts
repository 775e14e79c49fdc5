import { z } from 'zod';
import { formatDuration } from '../../core/units.ts';
import { choice, count, milliseconds, text } from '../../faults/attributes.ts';
import { type AdminFault, choose, inRounds } from '../admin/index.ts';
import { CLIENT_TYPES, clientsOf, type RedisClient } from './clients.ts';
import { whyForbidden } from './permission.ts';
import type { RedisServer } from './server.ts';

const attributes = z.strictObject({
  type: choice('Only clients of this type', ['any', ...CLIENT_TYPES], 'any'),
  addr: text('Only clients from this address and port (glob)'),
  user: text('Only clients of this user (glob)'),
  name: text('Only clients of this name, as CLIENT SETNAME gives it (glob)'),
  id: count('Only the client of this id; 0 is any'),
  count: count('At most this many at a time; 0 is as many as there are'),
  every: milliseconds('How often to do it; 0 does it once'),
});
type KillAttributes = z.output<typeof attributes>;

/** `CLIENT KILL`, one client at a time by its id. */
export const clientKill: AdminFault<KillAttributes, RedisServer> = {
  type: 'redis_client_kill',
  attributes,
  summary: 'Closes connections on the server, by CLIENT KILL',
  undo: 'cannot be undone: connections that were closed stay closed; no more are closed',
  endsConnections: true,
  shares: true,
  unit: 'clients',
  addedLatency: () => 0,
  explain({ type, addr, user, name, id, count, every }) {
    const filter = [
      type !== 'any' && `type ${type}`,
      addr && `address ${addr}`,
      user && `user ${user}`,
      name && `name ${name}`,
      id > 0 && `id ${id}`,
    ].filter(Boolean);
    const which = filter.length > 0 ? ` with ${filter.join(', ')}` : '';
    const most = count > 0 ? `, ${count} at most` : '';
    return `close the clients${which} on the server${most}${every > 0 ? `, every ${formatDuration(every)}` : ''}`;
  },
  whyNot: async (_, server) =>
    (await whyForbidden(server, ['CLIENT', 'LIST'])) ?? whyForbidden(server, ['CLIENT', 'KILL', 'ID', '1']),
  engage: (context) =>
    inRounds(context.clock, context, async ({ attributes, toxicity }, round) => {
      const { server } = context;
      const clients = (await clientsOf(server)).filter((client) => matches(client, attributes));
      const chosen = choose(clients, toxicity, attributes.count, ({ id }) => context.draw(round, id));
      let closed = 0;
      for (const { id } of chosen) closed += Number(await server.call('CLIENT', 'KILL', 'ID', id));
      context.matched(clients.length);
      context.injected(closed);
      context.skipped('toxicity', clients.length - chosen.length);
      context.skipped('gone', chosen.length - closed);
    }),
};

function matches(client: RedisClient, { type, addr, user, name, id }: KillAttributes): boolean {
  return (
    (type === 'any' || client.type === type) &&
    (id === 0 || client.id === String(id)) &&
    glob(addr, client.addr) &&
    glob(user, client.user) &&
    glob(name, client.name)
  );
}

/** An empty pattern matches all. */
function glob(pattern: string, text: string): boolean {
  if (pattern === '') return true;
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
