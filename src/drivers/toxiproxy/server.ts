import { Toxiproxy, Proxy as ToxiproxyProxy } from 'toxiproxy-node-client';
import { type Clock, systemClock } from '../../core/clock.ts';
import { serverIsGone } from '../gone.ts';

export interface ToxicView {
  readonly name: string;
  readonly type: string;
  readonly stream: 'upstream' | 'downstream';
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ProxyView {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly ToxicView[];
}

/** A Toxiproxy server. Each call answers or rejects within `ANSWER_MS`. */
export interface ToxiproxyServer {
  readonly control: string;
  /** As it calls itself, such as `2.12.0`; builds of one's own say `git`. */
  version(): Promise<string>;
  /** Whether it has ended, and its toxics with it, which it holds in memory; false where that cannot be told. */
  gone(): Promise<boolean>;
  proxies(): Promise<readonly ProxyView[]>;
  addToxic(proxy: string, toxic: ToxicView): Promise<void>;
  updateToxic(proxy: string, toxic: ToxicView): Promise<void>;
  /** One that is gone already is no error. */
  removeToxic(proxy: string, name: string): Promise<void>;
  setEnabled(proxy: string, enabled: boolean): Promise<void>;
}

/** A server whose control port hangs, as removing a toxic can make it, must not hold up who waits. */
const ANSWER_MS = 2000;

export function toxiproxyServer(control: string, clock: Clock = systemClock): ToxiproxyServer {
  const client = new Toxiproxy(`http://${control}`);
  const handle = (name: string) => {
    const body = { name, listen: '', upstream: '', enabled: true, toxics: [] };
    return new ToxiproxyProxy(client, body);
  };
  const inTime = <T>(what: string, call: Promise<T>) => within(clock, what, call);

  // Since 2.6 changes are wanted as PATCH; POST, which every version takes, is what the client library knows.
  const change = async (path: string, body: object) => {
    try {
      await client.api.post(path, body);
    } catch (error) {
      if (!hasStatus(error, 405)) throw error;
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(path, { method: 'PATCH', headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`Request failed with status code ${answer.status}`);
    }
  };

  return {
    control,
    async version() {
      // Before 2.7.0 this was no valid JSON.
      const text = await inTime('asking its version', client.getVersion());
      return /"?version"?\s*:\s*"?([^"}\s]+)/.exec(text)?.[1] ?? text.trim();
    },
    gone() {
      const { hostname, port } = new URL(client.host);
      return serverIsGone(hostname, Number(port || 80));
    },
    async proxies() {
      // The client's own objects leave the toxics out.
      const path = `${client.host}/proxies`;
      const { data } = await inTime('listing proxies', client.api.get<Record<string, ProxyView>>(path));
      return Object.values(data).map((proxy) => ({ ...proxy, toxics: proxy.toxics ?? [] }));
    },
    async addToxic(proxy, toxic) {
      await inTime(`adding a ${toxic.type} to ${proxy}`, handle(proxy).addToxic(toxic as never));
    },
    async updateToxic(proxy, toxic) {
      const path = `${handle(proxy).getPath()}/toxics/${toxic.name}`;
      const { attributes, toxicity } = toxic;
      await inTime(`changing a ${toxic.type} on ${proxy}`, change(path, { attributes, toxicity }));
    },
    async removeToxic(proxy, name) {
      const call = client.api.delete(`${handle(proxy).getPath()}/toxics/${name}`);
      await inTime(`removing a toxic from ${proxy}`, call).catch((error) => {
        if (!hasStatus(error, 404)) throw error;
      });
    },
    async setEnabled(proxy, enabled) {
      // Only what changes: a listen address that is sent along may be taken for another one, and restart the proxy.
      await inTime(
        `${enabled ? 'enabling' : 'disabling'} ${proxy}`,
        change(handle(proxy).getPath(), { enabled }),
      );
    },
  };
}

function hasStatus(error: unknown, status: number): boolean {
  return reasonOf(error).endsWith(`status code ${status}`);
}

async function within<T>(clock: Clock, what: string, call: Promise<T>): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ANSWER_MS, () => reject(new Error(`no answer within ${ANSWER_MS} ms`)));
  });
  try {
    return await Promise.race([call, late]);
  } catch (error) {
    throw new Error(`${what}: ${reasonOf(error)}`);
  } finally {
    cancel();
  }
}

/** The client keeps nothing of why a connection failed. */
export function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return message === 'fetch failed' ? 'it cannot be reached' : message;
}
