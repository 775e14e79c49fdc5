/** Addresses of nodes as the server names them, and where clients are to be sent instead; both `host:port`. */
export type AddressMap = Readonly<Record<string, string>>;

interface Address {
  readonly host: string;
  readonly port: string;
}

/** Commands whose replies tell clients where else to connect. */
const TELLING = new Set(['CLUSTER', 'ROLE', 'SENTINEL']);
const REDIRECTION = /^(-(?:MOVED|ASK) \d+ )(.*)(\r\n)$/s;

/** Whether a command is answered with addresses of nodes. */
export function tellsAddresses(command: string): boolean {
  return TELLING.has(command);
}

/** Whether an error sends the client elsewhere. */
export function isRedirection(error: string): boolean {
  return /^(MOVED|ASK) \d/.test(error);
}

/**
 * Puts other addresses into a reply: `MOVED` and `ASK`; a host followed by its port, as in `CLUSTER SLOTS` and `SENTINEL
 * get-master-addr-by-name`; fields `ip`, `endpoint` and `port`, as in `CLUSTER SHARDS` and `SENTINEL replicas`; `host:port` in
 * texts, as in `CLUSTER NODES`. What cannot be read is left as it is.
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
    const value = read({ text, at: 0 });
    if (!value) return reply;
    this.#visit(value);
    return Buffer.from(write(value), 'latin1');
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
    const parts = text.split(/([\s,@]+)/).map((part) => {
      const to = part.includes(':') ? this.#find(split(part)) : undefined;
      return to ? `${to.host}:${to.port}` : part;
    });
    return parts.join('');
  }
}

/** A value of a reply: a text of some type, or items of one. */
interface Value {
  type: string;
  body?: string;
  items?: Value[];
}

interface Reader {
  readonly text: string;
  at: number;
}

const DEEPEST = 32;

/** Undefined where the reply is streamed, has attributes, or is no reply. */
function read(reader: Reader, depth = 0): Value | undefined {
  const lineEnd = reader.text.indexOf('\r\n', reader.at);
  if (lineEnd < 0 || depth > DEEPEST) return undefined;
  const type = reader.text[reader.at]!;
  const line = reader.text.slice(reader.at + 1, lineEnd);
  reader.at = lineEnd + 2;
  if ('+-:_#,('.includes(type)) return { type, body: line };
  const count = /^-?\d+$/.test(line) ? Number(line) : Number.NaN;
  if ('$=!'.includes(type)) {
    if (count === -1) return { type };
    const body = reader.text.slice(reader.at, reader.at + count);
    reader.at += count + 2;
    return count >= 0 && reader.at <= reader.text.length ? { type, body } : undefined;
  }
  if (!'*~%>'.includes(type) || Number.isNaN(count)) return undefined;
  if (count === -1) return { type };
  const items: Value[] = [];
  for (let left = type === '%' ? count * 2 : count; left > 0; left--) {
    const item = read(reader, depth + 1);
    if (!item) return undefined;
    items.push(item);
  }
  return { type, items };
}

function write({ type, body, items }: Value): string {
  if (items)
    return `${type}${type === '%' ? items.length / 2 : items.length}\r\n${items.map(write).join('')}`;
  if (body === undefined) return `${type}-1\r\n`;
  return '$=!'.includes(type) ? `${type}${body.length}\r\n${body}\r\n` : `${type}${body}\r\n`;
}

/** IPv6 hosts stand in brackets in files and without in replies. */
function split(address: string): Address {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: address.slice(colon + 1) };
}
