import { setTimeout as wait } from 'node:timers/promises';
import { about, type Behaviour } from '../behaviour.ts';
import type { Connection } from '../stage.ts';

const latency = (latency: number, more: object = {}) => ({
  type: 'latency',
  attributes: { latency },
  ...more,
});

/** Milliseconds that a byte takes from the upstream to the client. */
async function down({ client, upstream }: Connection): Promise<number | string> {
  upstream.write('x');
  return client.got(client.received.length + 1);
}

async function up({ client, upstream }: Connection): Promise<number | string> {
  client.write('x');
  return upstream.got(upstream.received.length + 1);
}

export const delays: readonly Behaviour[] = [
  {
    title: 'latency downstream delays that stream alone',
    async observe(stage) {
      const scene = await stage.scene(latency(300));
      return { up: about(0, await up(scene)), down: about(300, await down(scene)) };
    },
    expect: { up: 'about 0 ms', down: 'about 300 ms' },
  },
  {
    title: 'latency upstream delays that stream alone',
    async observe(stage) {
      const scene = await stage.scene(latency(300, { stream: 'upstream' }));
      return { up: about(300, await up(scene)), down: about(0, await down(scene)) };
    },
    expect: { up: 'about 300 ms', down: 'about 0 ms' },
  },
  {
    title: 'latency leaves the throughput alone',
    async observe(stage) {
      const { client, upstream } = await stage.scene(latency(300));
      for (let chunk = 0; chunk < 10; chunk++) {
        upstream.write('x');
        await wait(10);
      }
      return { last: about(200, await client.got(10)) };
    },
    expect: { last: 'about 200 ms' },
  },
  {
    title: 'latency with jitter stays within its bounds',
    async observe(stage) {
      const scene = await stage.scene({ type: 'latency', attributes: { latency: 60, jitter: 50 } });
      const times: number[] = [];
      for (let trip = 0; trip < 15; trip++) times.push(Number(await down(scene)));
      return {
        bounds: times.every((time) => time >= 8 && time < 110 + 250),
        varies: Math.max(...times) - Math.min(...times) > 15,
      };
    },
    expect: { bounds: true, varies: true },
  },
  {
    title: 'two latencies add up',
    async observe(stage) {
      const scene = await stage.scene(latency(200), latency(300, { name: 'second' }));
      return { down: about(500, await down(scene)) };
    },
    expect: { down: 'about 500 ms' },
  },
  {
    title: 'latency on a live connection comes and goes',
    async observe(stage) {
      const scene = await stage.scene();
      const before = about(0, await down(scene));
      await stage.add(scene.path, latency(400));
      const during = about(400, await down(scene));
      await stage.remove(scene.path, 'latency_downstream');
      return { before, during, after: about(0, await down(scene)) };
    },
    expect: { before: 'about 0 ms', during: 'about 400 ms', after: 'about 0 ms' },
  },
  {
    title: 'what waits goes on at once when its latency is removed',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene(latency(20_000));
      upstream.write('x'.repeat(1000));
      await wait(100);
      await stage.remove(path, 'latency_downstream');
      return { arrives: about(0, await client.got(1000)) };
    },
    expect: { arrives: 'about 0 ms' },
  },
  {
    title: 'what waits when its latency is made longer',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene(latency(500));
      upstream.write('x');
      await wait(100);
      await stage.change(path, 'latency_downstream', { attributes: { latency: 20_000 } });
      return { arrives: about(0, await client.got(1)) };
    },
    expect: { arrives: 'about 0 ms' },
    differs: '005',
  },
  {
    title: 'a reset lets go of what waits and keeps the connection',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene(latency(20_000));
      upstream.write('x');
      await wait(100);
      await stage.remove(path, 'latency_downstream');
      const arrives = about(0, await client.got(1));
      return { arrives, still: about(0, await up({ client, upstream })) };
    },
    expect: { arrives: 'about 0 ms', still: 'about 0 ms' },
  },
  {
    title: 'latency holds back an end behind bytes, and no end alone',
    async observe(stage) {
      const { client, upstream, again } = await stage.scene(latency(300));
      upstream.socket.end('x');
      const behind = about(300, await client.closed());
      const idle = await again();
      idle.upstream.socket.end();
      return { behind, received: client.received, alone: about(0, await idle.client.closed()) };
    },
    expect: { behind: 'about 300 ms', received: 'x', alone: 'about 0 ms' },
  },
  {
    title: 'latency of toxicity 0 and 1',
    async observe(stage) {
      const none = await stage.scene(latency(400, { toxicity: 0 }));
      const all = await stage.scene(latency(400, { toxicity: 1 }));
      return { none: about(0, await down(none)), all: about(400, await down(all)) };
    },
    expect: { none: 'about 0 ms', all: 'about 400 ms' },
  },
  {
    title: 'toxicity is drawn once for a connection, not for each chunk',
    async observe(stage) {
      const scene = await stage.scene(latency(150, { toxicity: 0.5 }));
      const connections = [scene as Connection];
      while (connections.length < 30) connections.push(await scene.again());
      const times = await Promise.all(
        connections.map(async (one) => [Number(await down(one)), Number(await down(one))] as const),
      );
      const slow = times.filter(([first]) => first > 130);
      return {
        some: slow.length > 3 && slow.length < 27,
        stays: times.every(([first, second]) => first > 130 === second > 130),
      };
    },
    expect: { some: true, stays: true },
  },
  {
    title: 'bandwidth lets so many thousand bytes a second pass, bit by bit',
    async observe(stage) {
      const { client, upstream } = await stage.scene({ type: 'bandwidth', attributes: { rate: 50 } });
      upstream.write('x'.repeat(50_000));
      return { down: about(1000, await client.got(50_000)), pieces: client.pieces.length >= 8 };
    },
    expect: { down: 'about 1000 ms', pieces: true },
  },
  {
    title: 'bandwidth upstream',
    async observe(stage) {
      const { client, upstream } = await stage.scene({
        type: 'bandwidth',
        stream: 'upstream',
        attributes: { rate: 50 },
      });
      client.write('x'.repeat(50_000));
      return { up: about(1000, await upstream.got(50_000)) };
    },
    expect: { up: 'about 1000 ms' },
  },
  {
    title: 'bandwidth of 0 lets nothing pass until it is removed',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene({ type: 'bandwidth', attributes: { rate: 0 } });
      upstream.write('hello');
      const quiet = await client.quiet(400);
      await stage.remove(path, 'bandwidth_downstream');
      return { quiet, arrives: about(0, await client.got(5)), received: client.received };
    },
    expect: { quiet: true, arrives: 'about 0 ms', received: 'hello' },
  },
  {
    title: 'slow_close holds the end back, not the bytes',
    async observe(stage) {
      const { client, upstream } = await stage.scene({ type: 'slow_close', attributes: { delay: 400 } });
      upstream.socket.end('bye');
      const bytes = about(0, await client.got(3));
      return { bytes, end: about(400, await client.closed()), how: client.ended };
    },
    expect: { bytes: 'about 0 ms', end: 'about 400 ms', how: 'FIN' },
  },
  {
    title: 'slow_close upstream',
    async observe(stage) {
      const { client, upstream } = await stage.scene({
        type: 'slow_close',
        stream: 'upstream',
        attributes: { delay: 400 },
      });
      client.socket.end('bye');
      return { bytes: about(0, await upstream.got(3)), end: about(400, await upstream.closed()) };
    },
    expect: { bytes: 'about 0 ms', end: 'about 400 ms' },
  },
  {
    title: 'an end that slow_close holds back goes on when it is removed',
    async observe(stage) {
      const { path, client, upstream } = await stage.scene({
        type: 'slow_close',
        attributes: { delay: 20_000 },
      });
      upstream.socket.end();
      const quiet = await client.quiet(200);
      await stage.remove(path, 'slow_close_downstream');
      return { quiet, end: about(0, await client.closed()) };
    },
    expect: { quiet: true, end: 'about 0 ms' },
  },
  {
    title: 'slicer cuts into small pieces with a delay behind each',
    async observe(stage) {
      const { client, upstream } = await stage.scene({
        type: 'slicer',
        attributes: { average_size: 10, size_variation: 2, delay: 20_000 },
      });
      const text = 'abcdefghij'.repeat(10);
      upstream.write(text);
      const took = Number(await client.got(100));
      return {
        intact: client.received === text,
        small: client.pieces.filter(({ size }) => size > 12).length <= 2,
        many: client.pieces.length >= 7 && client.pieces.length <= 18,
        slow: took > 7 * 20 && took < 18 * 20 + 250,
      };
    },
    expect: { intact: true, small: true, many: true, slow: true },
  },
];
