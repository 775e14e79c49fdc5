import { Agent, request } from 'undici';

export interface Fetched {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as far as the cap, as text. */
  readonly body: string;
  /** The body was longer than the cap. */
  readonly cut: boolean;
}

export interface Fetcher {
  fetch(options: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly cap: number;
    readonly keepBody: boolean;
    readonly signal: AbortSignal;
  }): Promise<Fetched>;
  close(): Promise<void>;
}

/**
 * HTTP as a new user of the system meets it: each request on a connection of its own, so that a port which accepts no
 * more is seen, and none fails because the server closed an idle connection at that moment. Redirects are not followed.
 */
export function createFetcher(): Fetcher {
  // Time-outs are the caller's signal alone: undici's own would end a slow answer earlier than the file says.
  const agent = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } });
  return {
    async fetch({ url, method, headers, body, cap, keepBody, signal }) {
      const answer = await request(url, {
        dispatcher: agent,
        method: method as 'GET',
        headers: { ...headers },
        body,
        signal,
      });
      const chunks: Buffer[] = [];
      let seen = 0;
      let cut = false;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        seen += chunk.length;
        if (keepBody) chunks.push(chunk);
        if (seen > cap) {
          cut = true;
          break;
        }
      }
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        cut,
      };
    },
    async close() {
      await agent.destroy();
    },
  };
}
