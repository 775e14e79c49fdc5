import { setTimeout as wait } from 'node:timers/promises';
import { about, type Behaviour } from '../behaviour.ts';

const timeout = (timeout: number, more: object = {}) => ({
  type: 'timeout',
  attributes: { timeout },
  ...more,
});
const reset = (timeout: number, more: object = {}) => ({
  type: 'reset_peer',
  attributes: { timeout },
  ...more,
});
const limit = (bytes: number, more: object = {}) => ({ type: 'limit_data', attributes: { bytes }, ...more });

export const endings: readonly Behaviour[] = [
  {
    title: 'timeout swallows bytes and closes both sides',
    async observe(stage) {
      const { client, upstream } = await stage.scene(timeout(300));
      upstream.write('x');
      const closed = about(300, await client.closed());
      await upstream.closed();
      return { closed, received: client.received, client: client.ended, upstream: upstream.ended };
    },
    expect: { closed: 'about 300 ms', received: '', client: 'FIN', upstream: 'FIN' },
  },
  {
    title: 'timeout closes an idle connection too',
    async observe(stage) {
      const { client } = await stage.scene(timeout(300));
      return { closed: about(300, await client.closed()) };
    },
    expect: { closed: 'about 300 ms' },
  },
  {
    title: 'timeout counts anew from each chunk',
    async observe(stage) {
      const { client, upstream } = await stage.scene(timeout(400));
      for (let chunk = 0; chunk < 4; chunk++) {
        upstream.write('x');
        await wait(150);
      }
      return { closed: about(250, await client.closed()) };
    },
    expect: { closed: 'about 250 ms' },
  },
  {
    title: 'timeout upstream swallows what the client sends',
    async observe(stage) {
      const { client, upstream } = await stage.scene(timeout(300, { stream: 'upstream' }));
      client.write('x');
      const closed = about(300, await client.closed());
      return { closed, received: upstream.received };
    },
    expect: { closed: 'about 300 ms', received: '' },
  },
  {
    title: 'timeout of 0 never closes, its removal does',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene(timeout(0));
      upstream.write('x');
      const quiet = await client.quiet(400);
      await stage.remove(path, 'timeout_downstream');
      return { quiet, closed: about(0, await client.closed()), received: client.received };
    },
    expect: { quiet: true, closed: 'about 0 ms', received: '' },
  },
  {
    title: 'timeout lets an end through',
    async observe(stage) {
      const { client, upstream } = await stage.scene(timeout(0));
      upstream.socket.end('x');
      return { closed: about(0, await client.closed(1500)), received: client.received };
    },
    expect: { closed: 'about 0 ms', received: '' },
  },
  {
    title: 'the removal of a timeout and connections that its toxicity spared',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene(timeout(0, { toxicity: 0 }));
      upstream.write('x');
      const arrives = about(0, await client.got(1));
      await stage.remove(path, 'timeout_downstream');
      return { arrives, closed: about(0, await client.closed(400)) };
    },
    expect: { arrives: 'about 0 ms', closed: 'about 0 ms' },
    differs: '003',
  },
  {
    title: 'reset_peer resets at the first bytes',
    async observe(stage) {
      const { client, upstream } = await stage.scene(reset(0));
      const idle = await client.quiet(200);
      upstream.write('x');
      return { idle, closed: about(0, await client.closed()), how: client.ended, received: client.received };
    },
    expect: { idle: true, closed: 'about 0 ms', how: 'RST', received: '' },
  },
  {
    title: 'reset_peer waits for its time',
    async observe(stage) {
      const { client, upstream } = await stage.scene(reset(300));
      upstream.write('x');
      return { closed: about(300, await client.closed()), how: client.ended };
    },
    expect: { closed: 'about 300 ms', how: 'RST' },
  },
  {
    title: 'reset_peer upstream',
    async observe(stage) {
      const { client, upstream } = await stage.scene(reset(0, { stream: 'upstream' }));
      client.write('x');
      await upstream.closed();
      return { client: about(0, await client.closed()), how: client.ended, upstream: upstream.ended };
    },
    expect: { client: 'about 0 ms', how: 'RST', upstream: 'RST' },
  },
  {
    title: 'reset_peer closes connections that were there before by FIN',
    async observe(stage) {
      const { path, client, upstream, again } = await stage.scene();
      await stage.add(path, reset(0));
      upstream.write('x');
      await client.closed();
      const later = await again();
      later.upstream.write('x');
      await later.client.closed();
      return { before: client.ended, after: later.client.ended };
    },
    expect: { before: 'FIN', after: 'RST' },
  },
  {
    title: 'reset_peer resets an upstream that ends',
    async observe(stage) {
      const { client, upstream } = await stage.scene(reset(0));
      upstream.socket.end();
      return { closed: about(0, await client.closed()), how: client.ended };
    },
    expect: { closed: 'about 0 ms', how: 'RST' },
  },
  {
    title: 'reset_peer of toxicity 0 and a connection that ends',
    async observe(stage) {
      const { client, upstream } = await stage.scene(reset(0, { toxicity: 0 }));
      upstream.socket.end();
      await client.closed();
      return { how: client.ended };
    },
    expect: { how: 'RST' },
    differs: '003',
  },
  {
    title: 'limit_data cuts within a chunk and closes both sides',
    async observe(stage) {
      const { client, upstream, again } = await stage.scene(limit(5));
      upstream.write('hello world');
      await client.closed();
      await upstream.closed();
      const second = await again();
      second.upstream.write('hel');
      const some = about(0, await second.client.got(3));
      const open = second.client.ended === undefined;
      second.upstream.write('lo world');
      await second.client.closed();
      return {
        received: client.received,
        client: client.ended,
        upstream: upstream.ended,
        some,
        open,
        second: second.client.received,
      };
    },
    expect: {
      received: 'hello',
      client: 'FIN',
      upstream: 'FIN',
      some: 'about 0 ms',
      open: true,
      second: 'hello',
    },
  },
  {
    title: 'limit_data closes as soon as its bytes are through',
    async observe(stage) {
      const { client, upstream } = await stage.scene(limit(5));
      upstream.write('hello');
      return { closed: about(0, await client.closed()), received: client.received };
    },
    expect: { closed: 'about 0 ms', received: 'hello' },
  },
  {
    title: 'limit_data of 0 closes at the first byte',
    async observe(stage) {
      const { client, upstream } = await stage.scene(limit(0));
      const idle = await client.quiet(200);
      upstream.write('x');
      return { idle, closed: about(0, await client.closed()), received: client.received };
    },
    expect: { idle: true, closed: 'about 0 ms', received: '' },
  },
  {
    title: 'limit_data upstream',
    async observe(stage) {
      const { client, upstream } = await stage.scene(limit(5, { stream: 'upstream' }));
      client.write('hello world');
      await upstream.closed();
      await client.closed();
      return { received: upstream.received, client: client.ended };
    },
    expect: { received: 'hello', client: 'FIN' },
  },
  {
    title: 'limit_data that is removed counts no more',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene(limit(5));
      upstream.write('hel');
      await client.got(3);
      await stage.remove(path, 'limit_data_downstream');
      upstream.write('lo world');
      await client.got(11);
      return { received: client.received, ended: client.ended ?? 'open' };
    },
    expect: { received: 'hello world', ended: 'open' },
  },
  {
    title: 'limit_data that is raised goes on counting',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene(limit(5));
      upstream.write('hel');
      await client.got(3);
      await stage.change(path, 'limit_data_downstream', { attributes: { bytes: 8 } });
      upstream.write('lo world');
      await client.closed();
      return { received: client.received };
    },
    expect: { received: 'hello wo' },
  },
];
