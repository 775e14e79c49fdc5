import type { ProxyDeclaration } from '../../core/protocol.ts';
import { AddressBook, isRedirection, tellsAddresses } from '../../protocols/redis/addresses.ts';
import type { Exchange } from '../../protocols/redis/conversation.ts';
import { parseHostPort } from '../host-port.ts';

const ERROR = '-'.charCodeAt(0);

/** What a proxy does about replies that would lead its clients round it. */
export class Addresses {
  readonly #book: AddressBook | undefined;
  readonly #name: string;
  readonly #log: (line: string) => void;
  #warned = false;

  constructor({ name, upstream, addresses }: ProxyDeclaration, log: (line: string) => void) {
    this.#book = addresses && new AddressBook(addresses, parseHostPort(upstream, 'upstream').host);
    this.#name = name;
    this.#log = log;
  }

  /** Whether a reply with this first byte is to be read whole and rewritten. */
  rewrites(type: number, exchange: Exchange | undefined): boolean {
    if (!this.#book || !exchange) return false;
    return type === ERROR || tellsAddresses(exchange.command.name);
  }

  rewrite(reply: Buffer): Buffer {
    return this.#book ? this.#book.rewrite(reply) : reply;
  }

  /** A reply has passed as it came; `error` is its line where it is one. */
  passed(exchange: Exchange, error: string | undefined): void {
    if (this.#book || this.#warned) return;
    if (error === undefined ? !tellsAddresses(exchange.command.name) : !isRedirection(error)) return;
    this.#warned = true;
    this.#log(
      `proxy "${this.#name}": the server names addresses of nodes, and clients that follow them go round this proxy; send them to proxies by "addresses" in faultline.yaml`,
    );
  }
}
