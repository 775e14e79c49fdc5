import type { ProxyDeclaration } from '../../core/protocol.ts';
import { AddressBook } from '../../protocols/redis/addresses.ts';
import type { Exchange } from '../../protocols/redis/exchange.ts';
import { isForNodes, isRedirection } from '../../protocols/redis/node-replies.ts';
import { ARRAY, ERROR, PUSH } from '../../protocols/redis/reply-forms.ts';
import { parseHostPort } from '../host-port.ts';

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

  /** Whether a value with this first byte is to be read whole and rewritten. */
  rewrites(type: number, exchange: Exchange | undefined, subscribed: boolean): boolean {
    if (!this.#book) return false;
    if (subscribed && (type === PUSH || type === ARRAY)) return true;
    return exchange !== undefined && (type === ERROR || exchange.tells === true);
  }

  /** A whole answer: one that carries what users have stored stays as it is. */
  rewrite(reply: Buffer, exchange: Exchange | undefined): Buffer {
    const tells = reply[0] === ERROR || exchange?.tells === true;
    return this.#book && tells ? this.#book.rewrite(reply) : reply;
  }

  /** A value that answers nothing. */
  rewritePublished(message: Buffer): Buffer {
    return this.#book ? this.#book.rewritePublished(message) : message;
  }

  /** A reply has passed as it came; `error` is its line where it is one. */
  passed(exchange: Exchange, error: string | undefined): void {
    if (this.#book || this.#warned) return;
    const leads =
      error === undefined ? exchange.tells && isForNodes(exchange.command.name) : isRedirection(error);
    if (!leads) return;
    this.#warned = true;
    this.#log(leadsRound(this.#name, 'the server has just sent a client elsewhere'));
  }
}

/** What is said where clients can leave a proxy, and how that is known. No address in it: those are the server's to tell. */
export function leadsRound(name: string, known: string): string {
  return `proxy "${name}": ${known}: it names addresses of nodes, and clients that follow them go round this proxy; send them to proxies by "addresses" in faultline.yaml`;
}
