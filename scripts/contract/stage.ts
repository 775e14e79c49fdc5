import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { type Answer, call } from '../../test/proxy/api/call.ts';
import { until } from '../../test/support/until.ts';
import { Peer } from './peer.ts';
import type { Server } from './servers.ts';

/** Both ends of a connection through a proxy. */
export interface Connection {
  readonly client: Peer;
  readonly upstream: Peer;
}

export interface Scene extends Connection {
  /** `/proxies/NAME` */
  readonly path: string;
  readonly listen: string;
  /** One more connection through the same proxy. */
  again(): Promise<Connection>;
}

/** Where a behaviour is observed on one server: proxies with an upstream of their own, whose ends are in our hands. */
export class Stage {
  readonly #server: Server;
  readonly #name: string;
  readonly #open: { destroy(): void }[] = [];
  #proxies = 0;

  constructor(server: Server, name: string) {
    this.#server = server;
    this.#name = name;
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(this.#server.control, method, path, { body });
  }

  /** An upstream, with those who connected to it in order. */
  async upstream(): Promise<{ readonly address: string; readonly peers: Peer[] }> {
    const peers: Peer[] = [];
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#keep(socket);
      peers.push(new Peer(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#open.push({ destroy: () => server.close() });
    return { address: addressOf(server), peers };
  }

  /** A proxy with these toxics, without a connection; answers its path and address. */
  async proxy(upstream: string, ...toxics: readonly object[]) {
    const name = `${this.#name}-${++this.#proxies}`;
    const { json } = await this.#must('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream });
    for (const toxic of toxics) await this.add(`/proxies/${name}`, toxic);
    return { path: `/proxies/${name}`, listen: json.listen as string };
  }

  /** A connection through a new proxy with these toxics. */
  async scene(...toxics: readonly object[]): Promise<Scene> {
    const { address, peers } = await this.upstream();
    const { path, listen } = await this.proxy(address, ...toxics);
    const again = async (): Promise<Connection> => {
      const before = peers.length;
      const client = await this.connect(listen);
      const upstream = await until('the upstream is connected', () => peers[before]);
      return { client, upstream };
    };
    return { path, listen, again, ...(await again()) };
  }

  async connect(address: string): Promise<Peer> {
    const peer = await Peer.to(address);
    this.#keep(peer.socket);
    return peer;
  }

  add(path: string, toxic: object): Promise<Answer> {
    return this.#must('POST', `${path}/toxics`, toxic);
  }

  change(path: string, toxic: string, change: object): Promise<Answer> {
    return this.#must('PATCH', `${path}/toxics/${toxic}`, change);
  }

  remove(path: string, toxic: string): Promise<Answer> {
    return this.#must('DELETE', `${path}/toxics/${toxic}`);
  }

  async close(): Promise<void> {
    for (const one of this.#open) one.destroy();
    for (let proxy = 1; proxy <= this.#proxies; proxy++) {
      await this.call('DELETE', `/proxies/${this.#name}-${proxy}`);
    }
  }

  async #must(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  #keep(socket: Socket): void {
    this.#open.push(socket);
  }
}

function addressOf(server: NetServer): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
