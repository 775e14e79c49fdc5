import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Attributes } from '../../../src/core/fault.ts';
import type { ProxyDeclaration } from '../../../src/core/protocol.ts';
import type { AnyFault } from '../../../src/faults/contract.ts';
import type { ActiveFault, HttpHost, NearEnd, UnitFacts } from '../../../src/proxy/contract.ts';
import { createHttpForwarder } from '../../../src/proxy/http/forwarder.ts';

/** A fault put in force by hand, with its counts. */
export interface HandFault extends ActiveFault {
  readonly counts: { matched: number; injected: number; skipped: string[] };
  readonly facts: UnitFacts[];
  takeBack(): void;
  change(attributes: Attributes): void;
}

export function inForce(
  definition: AnyFault,
  attributes: Attributes = {},
  match: ActiveFault['match'] = undefined,
): HandFault {
  const released = new AbortController();
  let current = definition.attributes.parse(attributes) as Attributes;
  const counts = { matched: 0, injected: 0, skipped: [] as string[] };
  const facts: UnitFacts[] = [];
  const shared = new Map<string, unknown>();
  return {
    id: definition.type,
    definition,
    stream: definition.streams[0]!,
    origin: 'leased',
    match,
    released: released.signal,
    get attributes() {
      return current;
    },
    matches: () => true,
    countSkipped: (reason) => void counts.skipped.push(reason),
    counts,
    facts,
    take(seen) {
      facts.push(seen);
      if (match?.model !== undefined && match.model !== seen.model) return undefined;
      counts.matched++;
      let acted = false;
      return {
        get attributes() {
          return current;
        },
        random: () => 0.5,
        injected() {
          if (!acted) counts.injected++;
          acted = true;
        },
        skipped: (reason) => counts.skipped.push(reason),
      };
    },
    shared<T>(key: string, make: () => T): T {
      if (!shared.has(key)) shared.set(key, make());
      return shared.get(key) as T;
    },
    takeBack: () => released.abort(),
    change(attributes) {
      current = definition.attributes.parse(attributes) as Attributes;
    },
  };
}

export interface Front {
  readonly port: number;
  readonly url: string;
  readonly address: string;
  readonly metered: {
    units: number;
    retries: number;
    sentOn: number;
    held: number;
    answers: { status: string; injected: boolean; firstByteUs: number | undefined }[];
  };
  /** Faults in force for requests from now on; those no longer among them are taken back. */
  put(...faults: HandFault[]): void;
  close(): Promise<void>;
}

/** A socket with the manners of a link's near end: a reset comes behind what was written, and after it was read. */
function nearEnd(socket: net.Socket): NearEnd {
  const reset = socket.resetAndDestroy.bind(socket);
  socket.resetAndDestroy = () => {
    const wrote = socket.bytesWritten > 0;
    socket.write('', () => (wrote ? setTimeout(() => setImmediate(reset), 20) : reset()));
    return socket;
  };
  return socket;
}

/** A forwarder behind a plain listener, in place of a data plane's links. */
export async function startFront(
  upstream: string,
  options: Partial<ProxyDeclaration> & { readonly faults?: HandFault[] } = {},
): Promise<Front> {
  const { faults = [], ...declaration } = options;
  let current = faults;
  const metered: Front['metered'] = { units: 0, retries: 0, sentOn: 0, held: 0, answers: [] };
  const host: HttpHost = {
    declaration: { name: 'front', protocol: 'http', listen: '127.0.0.1:0', upstream, ...declaration },
    faults: () => current,
    meter: {
      unit: () => metered.units++,
      answered: (status, injected, firstByteUs) => metered.answers.push({ status, injected, firstByteUs }),
      retry: () => metered.retries++,
      sentOn: () => metered.sentOn++,
      hold() {
        metered.held++;
        return () => metered.held--;
      },
    },
  };
  const forwarder = createHttpForwarder(host);
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {});
    forwarder.accept(nearEnd(socket), socket.remoteAddress ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    metered,
    put(...next) {
      for (const fault of current) if (!next.includes(fault)) fault.takeBack();
      current = next;
    },
    async close() {
      for (const fault of current) fault.takeBack();
      await forwarder.close();
      server.close();
      await once(server, 'close');
    },
  };
}
