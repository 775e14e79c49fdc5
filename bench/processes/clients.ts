import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { listening } from './child.ts';

/** What thousands of clients in a process of their own are asked to do. Texts are latin1. */
export type ClientsOrder =
  /** Connect; where there is a greeting, send it and wait for an answer that ends in `greeted`. */
  | {
      readonly do: 'open';
      readonly port: number;
      readonly count: number;
      readonly greeting?: string;
      readonly greeted?: string;
    }
  /** Send on each connection and, where `ends`, the end behind it. An answer is whole that ends in `answered`, or where the connection ends. */
  | { readonly do: 'send'; readonly text: string; readonly answered?: string; readonly ends?: boolean }
  /** Wait until all have their answer, or for `withinMs`: when each had it, ms of the system's monotonic clock. */
  | { readonly do: 'wait'; readonly withinMs: number };

interface Client {
  readonly socket: Socket;
  tail: string;
  answered: string | undefined;
  whole: () => void;
}

const AT_ONCE = 100;
let clients: Client[] = [];
let times: number[] = [];
let all: Promise<unknown> = Promise.resolve();

process.on('message', async (order: ClientsOrder) => {
  if (order.do === 'open') process.send!(await open(order));
  else if (order.do === 'send') process.send!(send(order));
  else {
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, order.withinMs))]);
    process.send!(times);
    for (const { socket } of clients) socket.destroy();
    clients = [];
  }
});

async function open({ port, count, greeting, greeted }: Extract<ClientsOrder, { do: 'open' }>) {
  clients = [];
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, () => client(port));
    if (greeting === undefined) await Promise.all(some.map(({ socket }) => once(socket, 'connect')));
    else await Promise.all(some.map((one) => exchange(one, greeting, greeted)));
    clients.push(...some);
  }
  return clients.length;
}

function client(port: number): Client {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const made: Client = { socket, tail: '', answered: undefined, whole: () => {} };
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    made.tail = (made.tail + chunk.toString('latin1')).slice(-64);
    if (made.answered !== undefined && made.tail.endsWith(made.answered)) made.whole();
  });
  socket.on('end', () => made.whole());
  socket.on('close', () => made.whole());
  return made;
}

function exchange(one: Client, text: string, answered: string | undefined, ends = false): Promise<void> {
  one.tail = '';
  one.answered = answered;
  const whole = new Promise<void>((resolve) => {
    one.whole = resolve;
  });
  one.socket.write(text, 'latin1');
  if (ends) one.socket.end();
  return whole;
}

function send({ text, answered, ends }: Extract<ClientsOrder, { do: 'send' }>): number {
  const now: number[] = [];
  times = now;
  all = Promise.all(
    clients.map((one) => exchange(one, text, answered, ends).then(() => now.push(monotonicMs()))),
  );
  return clients.length;
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

listening(0);
