import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../../../test/support/until.ts';
import { about, type Behaviour } from '../behaviour.ts';
import type { Stage } from '../stage.ts';

const MIB = 'x'.repeat(1 << 20);

export const links: readonly Behaviour[] = [
  {
    title: 'bytes pass whole both ways',
    async observe(stage) {
      const { client, upstream } = await stage.scene();
      client.write(MIB);
      upstream.write(MIB);
      await Promise.all([client.got(MIB.length), upstream.got(MIB.length)]);
      return { down: client.received === MIB, up: upstream.received === MIB };
    },
    expect: { down: true, up: true },
  },
  {
    title: 'an end comes behind all bytes',
    async observe(stage) {
      const { client, upstream } = await stage.scene();
      upstream.socket.end(MIB);
      await client.closed();
      return { whole: client.received === MIB, how: client.ended };
    },
    expect: { whole: true, how: 'FIN' },
  },
  {
    title: 'a client that ends its side and goes on reading',
    async observe(stage) {
      const { client, upstream } = await stage.scene();
      client.socket.end('question');
      await upstream.closed();
      await wait(100);
      upstream.write('answer');
      return { question: upstream.received, answer: typeof (await client.got(6, 1000)) };
    },
    expect: { question: 'question', answer: 'string' },
    differs: '001',
  },
  {
    title: 'an upstream that resets',
    async observe(stage) {
      const { client, upstream } = await stage.scene();
      upstream.socket.resetAndDestroy();
      await client.closed();
      return { client: client.ended };
    },
    expect: { client: 'FIN' },
    differs: '006',
  },
  {
    title: 'a client that resets',
    async observe(stage) {
      const { client, upstream } = await stage.scene();
      client.socket.resetAndDestroy();
      await upstream.closed();
      return { upstream: upstream.ended };
    },
    expect: { upstream: 'FIN' },
    differs: '006',
  },
  {
    title: 'an upstream that refuses',
    async observe(stage) {
      const { listen } = await stage.proxy('127.0.0.1:1');
      const client = await stage.connect(listen);
      return { closed: about(0, await client.closed()), how: client.ended };
    },
    expect: { closed: 'about 0 ms', how: 'FIN' },
  },
  {
    title: 'an upstream that is no address',
    async observe(stage) {
      const { listen } = await stage.proxy('nonsense');
      const client = await stage.connect(listen);
      return { closed: about(0, await client.closed()), how: client.ended };
    },
    expect: { closed: 'about 0 ms', how: 'FIN' },
  },
  ...(
    [
      ['disabled', 'POST', { enabled: false }],
      ['removed', 'DELETE', undefined],
    ] as const
  ).map(
    ([what, method, body]): Behaviour => ({
      title: `a proxy that is ${what} closes both sides of its connections`,
      async observe(stage) {
        const { path, listen, client, upstream } = await stage.scene();
        await stage.call(method, path, body);
        const closed = about(0, await client.closed());
        await upstream.closed();
        return { closed, client: client.ended, upstream: upstream.ended, new: await reach(stage, listen) };
      },
      expect: { closed: 'about 0 ms', client: 'FIN', upstream: 'FIN', new: 'ECONNREFUSED' },
    }),
  ),
  {
    title: 'a proxy that is disabled while a toxic holds bytes',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene({
        type: 'latency',
        attributes: { latency: 20_000 },
      });
      upstream.write('x');
      await wait(100);
      await stage.call('POST', path, { enabled: false });
      await upstream.closed();
      return { closed: about(0, await client.closed()), received: client.received };
    },
    expect: { closed: 'about 0 ms', received: '' },
  },
  {
    title: 'a proxy that is enabled again listens at the same address, with its toxics',
    async observe(stage) {
      const { path, listen, again } = await stage.scene({ type: 'latency', attributes: { latency: 300 } });
      await stage.call('POST', path, { enabled: false });
      const { json } = await stage.call('POST', path, { enabled: true });
      const { client, upstream } = await again();
      upstream.write('x');
      return { same: json.listen === listen, down: about(300, await client.got(1)) };
    },
    expect: { same: true, down: 'about 300 ms' },
  },
  {
    title: 'another upstream closes live connections and serves new ones',
    async observe(stage) {
      const { path, listen, client } = await stage.scene();
      const other = await stage.upstream();
      await stage.call('POST', path, { upstream: other.address });
      const closed = about(0, await client.closed());
      await stage.connect(listen);
      await until('the other upstream is connected', () => other.peers.length > 0);
      return { closed, others: other.peers.length };
    },
    expect: { closed: 'about 0 ms', others: 1 },
  },
  {
    title: 'a change that changes nothing leaves live connections alone',
    async observe(stage) {
      const { path, listen, client, upstream } = await stage.scene();
      const { json } = await stage.call('GET', path);
      await stage.call('POST', path, json);
      await stage.call('POST', '/populate', [{ name: json.name, listen, upstream: json.upstream }]);
      upstream.write('x');
      return { down: about(0, await client.got(1)) };
    },
    expect: { down: 'about 0 ms' },
  },
  {
    title: 'populate with another upstream closes live connections',
    async observe(stage) {
      const { path, listen, client } = await stage.scene({ type: 'latency', attributes: { latency: 5 } });
      const name = path.split('/').at(-1);
      await stage.call('POST', '/populate', [{ name, listen, upstream: '127.0.0.1:1' }]);
      const closed = about(0, await client.closed());
      return { closed, toxics: (await stage.call('GET', `${path}/toxics`)).json };
    },
    expect: { closed: 'about 0 ms', toxics: [] },
  },
  {
    title: 'a toxic is removed while its client reads nothing',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene({
        type: 'slicer',
        attributes: { average_size: 60_000 },
      });
      client.socket.pause();
      await until('the connection is full', async () => {
        if (upstream.socket.writableLength < 8 << 20) upstream.write(MIB);
        const before = upstream.socket.writableLength;
        await wait(50);
        return before > 4 << 20 && upstream.socket.writableLength === before;
      });
      const removed = stage.call('DELETE', `${path}/toxics/slicer_downstream`).then(({ status }) => status);
      const answer = await Promise.race([removed, wait(1500, 'none within 1500 ms')]);
      client.socket.destroy();
      await removed;
      return { answer };
    },
    expect: { answer: 'none within 1500 ms' },
    differs: '002',
  },
  {
    title: 'metrics count the bytes of connections that ended',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene();
      client.write('up');
      await upstream.got(2);
      upstream.write('down');
      await client.got(4);
      upstream.socket.end();
      await client.closed();
      client.socket.end();
      const name = path.split('/').at(-1);
      const lines = await until('both directions are counted', async () => {
        const { text } = await stage.call('GET', '/metrics');
        const own = text.split('\n').filter((line) => line.includes(`proxy="${name}"`));
        const counted = own.filter((line) => /^toxiproxy_proxy_(received|sent)_bytes_total/.test(line));
        return counted.length >= 4 && counted;
      });
      return Object.fromEntries(
        lines
          .sort()
          .map((line) => [
            `${line.split('{')[0]} ${/direction="(\w+)"/.exec(line)?.[1]} ${[...line.matchAll(/(\w+)="/g)].map(([, label]) => label).sort()}`,
            Number(line.split(' ').at(-1)),
          ]),
      );
    },
    expect: Object.fromEntries(
      ['received', 'sent'].flatMap((what) =>
        [
          ['downstream', 4],
          ['upstream', 2],
        ].map(([direction, bytes]) => [
          `toxiproxy_proxy_${what}_bytes_total ${direction} direction,listener,proxy,upstream`,
          bytes,
        ]),
      ),
    ),
  },
];

async function reach(stage: Stage, address: string): Promise<string> {
  return stage.connect(address).then(
    () => 'connected',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}
