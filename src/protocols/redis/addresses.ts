import { readValue, type Value, writeValue } from './values.ts';

/** Addresses of nodes as the server names them, and where clients are to be sent instead; both `host:port`. */
export type AddressMap = Readonly<Record<string, string>>;

interface Address {
  readonly host: string;
  readonly port: string;
}

const REDIRECTION = /^(-(?:MOVED|ASK) \d+ )(.*)(\r\n)$/s;
/** `master_host:10.0.0.1`, a line end, `master_port:6379`, as a replica has it in INFO. */
const MASTER = /(^|\n)(master_host:)([^\r\n]*)(\r?\n)(master_port:)(\d+)/g;
/** `slave0:ip=10.0.0.2,port=6379`, as a master has it in INFO. */
const REPLICA = /(^|\n)(slave\d+:ip=)([^\r\n,]*)(,)(port=)(\d+)/g;
/** Channels on which a Sentinel publishes what it sees. */
const EVENT = /^[+-][a-z-]+$/;
/** What stands before and after an address in such an event, as two words. */
const FROM_TO = /^(\S+) (\S+) (\d+) (\S+) (\d+)$/;
const INSTANCE = /^(\S+ \S+) (\S+) (\d+)(?:( @ \S+) (\S+) (\d+))?( .*)?$/;

/**
 * Puts other addresses into a reply: `MOVED` and `ASK`; a host followed by its port, as in `CLUSTER SLOTS` and `SENTINEL
 * get-master-addr-by-name`; fields `ip`, `endpoint` and `port`, as in `CLUSTER SHARDS` and `SENTINEL replicas`; `host:port` in
 * texts, as in `CLUSTER NODES`; the master and the replicas in `INFO`. What cannot be read is left as it is.
 */
export class AddressBook {
  readonly #to = new Map<string, Address>();

  readonly #own: string;

  /** `own`: host of the server, which a node that does not know its own leaves empty. */
  constructor(map: AddressMap, own = '') {
    this.#own = own;
    for (const [from, to] of Object.entries(map)) {
      const { host, port } = split(from);
      this.#to.set(`${host}:${port}`, split(to));
    }
  }

  /** A whole reply, whose bytes are taken as Latin-1 so that none is lost. */
  rewrite(reply: Buffer): Buffer {
    const text = reply.toString('latin1');
    const redirection = REDIRECTION.exec(text);
    if (redirection) {
      const [, head, address = '', end] = redirection;
      const to = this.#find(split(address));
      return to ? Buffer.from(`${head}${to.host}:${to.port}${end}`, 'latin1') : reply;
    }
    // Other errors may quote what users have sent.
    const value = text.startsWith('-') ? undefined : readValue(text);
    if (!value) return reply;
    this.#visit(value);
    return Buffer.from(writeValue(value), 'latin1');
  }

  /**
   * A message of a subscription: changed where it is an event of a Sentinel, such as `+switch-master`, that names a node of
   * the map; any other is what users have published.
   */
  rewritePublished(message: Buffer): Buffer {
    const value = readValue(message.toString('latin1'));
    const channel = value?.items?.at(-2)?.body;
    const event = value?.items?.at(-1);
    if (!value || !event?.body || channel === undefined || !EVENT.test(channel)) return message;
    event.body = this.#event(event.body);
    return Buffer.from(writeValue(value), 'latin1');
  }

  #event(text: string): string {
    const moved = FROM_TO.exec(text);
    if (moved) {
      const [, name, oldHost = '', oldPort = '', host = '', port = ''] = moved;
      return `${name} ${this.#words(oldHost, oldPort)} ${this.#words(host, port)}`;
    }
    const seen = INSTANCE.exec(text);
    if (!seen) return text;
    const [, what = '', host = '', port = '', of, masterHost = '', masterPort = '', rest = ''] = seen;
    const master = of === undefined ? '' : `${of} ${this.#words(masterHost, masterPort)}`;
    // A replica is named by its address.
    return `${this.#visitText(what)} ${this.#words(host, port)}${master}${rest}`;
  }

  #words(host: string, port: string): string {
    const to = this.#find({ host, port });
    return to ? `${to.host} ${to.port}` : `${host} ${port}`;
  }

  #find({ host, port }: Address): Address | undefined {
    return this.#to.get(`${host || this.#own}:${port}`);
  }

  #visit(value: Value): void {
    if (value.items) {
      this.#visitFields(value.items);
      this.#visitPairs(value.items);
      for (const item of value.items) this.#visit(item);
    } else if (value.body !== undefined) value.body = this.#visitText(value.body);
  }

  #visitPairs(items: readonly Value[]): void {
    for (let index = 0; index + 1 < items.length; index++) this.#replace([items[index]!], items[index + 1]!);
  }

  #visitFields(items: readonly Value[]): void {
    const field = (name: string) => {
      for (let index = 0; index + 1 < items.length; index += 2) {
        if (items[index]!.body === name) return items[index + 1];
      }
      return undefined;
    };
    const port = field('port');
    const hosts = [field('ip'), field('endpoint')].filter((host) => host !== undefined);
    if (port && hosts.length > 0) this.#replace(hosts, port);
  }

  #replace(hosts: readonly Value[], port: Value): void {
    if (port.body === undefined || port.items) return;
    const to = this.#find({ host: hosts[0]!.body ?? '', port: port.body });
    if (!to) return;
    for (const host of hosts) {
      host.body = to.host;
      // A node that is not to name its host says null.
      if (host.type === '_') host.type = '$';
    }
    port.body = to.port;
  }

  #visitText(text: string): string {
    if (!text.includes(':')) return text;
    const replaced = [MASTER, REPLICA].reduce(
      (done, shape) =>
        done.replace(shape, (all, before, name, host, between, portName, port) => {
          const to = this.#find({ host, port });
          return to ? `${before}${name}${to.host}${between}${portName}${to.port}` : all;
        }),
      text,
    );
    const parts = replaced.split(/([\s,@=]+)/).map((part) => {
      const to = part.includes(':') ? this.#find(split(part)) : undefined;
      return to ? `${to.host}:${to.port}` : part;
    });
    return parts.join('');
  }
}

/** IPv6 hosts stand in brackets in files and without in replies. */
function split(address: string): Address {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: address.slice(colon + 1) };
}
