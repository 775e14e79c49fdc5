import { FaultlineError } from '../../core/errors.ts';
import type { FaultSpec } from '../../core/fault.ts';
import { didYouMean } from '../../core/suggest.ts';
import { type EngagedSet, type NamedFault, type Target, UNCOUNTED } from '../leased/index.ts';
import { KIND, MARK, refuseUnable, SINCE, switchesOff, toxicOf } from './faults.ts';
import { type ProxyView, reasonOf, type ToxiproxyServer } from './server.ts';
import { GONE, takeBack, toxicsOf } from './take-back.ts';
import type { Watchdog } from './watchdog.ts';

export interface ToxiproxyTargetOptions {
  /** Name of the driver, for errors. */
  readonly name: string;
  readonly server: ToxiproxyServer;
  /** Run whose toxics are its own; by default the run of the first set. */
  readonly run?: string;
  readonly watchdog: Watchdog;
}

/** Fault sets as toxics of a Toxiproxy server, each named with its run. */
export function toxiproxyTarget({ name, server, watchdog, ...options }: ToxiproxyTargetOptions): Target {
  let { run } = options;
  let set: EngagedSet | undefined;
  /** Found so when the toxics were to be taken back. */
  let gone = false;

  const ask = async () => {
    try {
      return await server.proxies();
    } catch (error) {
      throw new FaultlineError('DRIVER_UNREACHABLE', { driver: name, kind: KIND, reason: reasonOf(error) });
    }
  };

  const put = async (
    { run, epoch, faults }: EngagedSet,
    act: (fault: NamedFault, toxic: ReturnType<typeof toxicOf>) => Promise<void>,
  ) => {
    // All settle before anything is taken back, so that no late toxic comes after its own removal.
    // On each proxy in the order of the set, since toxics act in the order in which they were added.
    const proxies = new Set(faults.map(({ proxy }) => proxy));
    const outcomes = await Promise.allSettled(
      [...proxies].map(async (proxy) => {
        for (const fault of faults) if (fault.proxy === proxy) await act(fault, toxicOf(run, epoch, fault));
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) {
      throw new FaultlineError('DRIVER_UNREACHABLE', {
        driver: name,
        kind: KIND,
        reason: reasonOf(failed.reason),
      });
    }
  };

  const shown = (proxies: readonly ProxyView[]): readonly NamedFault[] => {
    if (run === undefined) return [];
    const mine = run;
    return proxies.flatMap((proxy) =>
      toxicsOf(proxy, mine).map((toxic) => {
        const known = set?.faults.find(
          (fault) => fault.proxy === proxy.name && toxicOf(mine, set!.epoch, fault).name === toxic.name,
        );
        return known ?? { id: toxic.name, proxy: proxy.name, type: toxic.type, stream: toxic.stream };
      }),
    );
  };

  return {
    kind: KIND,
    counts: false,
    async check(faults) {
      for (const fault of faults) refuseUnable(name, fault);
      const proxies = await ask();
      for (const fault of faults) checkProxy(name, fault, proxies, run);
      await checkVersion(name, faults, server);
      if (faults.length > 0) await watchdog.start();
    },
    async engage(asked) {
      run = asked.run;
      set = asked;
      if (asked.faults.length === 0) return;
      watchdog.arm(asked.run, asked.leaseMs);
      await put(asked, async (fault, toxic) => {
        await server.addToxic(fault.proxy, toxic);
        if (switchesOff(fault)) await server.setEnabled(fault.proxy, false);
      });
    },
    async renew(asked) {
      const before = new Map(set?.faults.map((fault) => [fault.id, fault]));
      set = asked;
      if (asked.faults.length === 0) return;
      watchdog.arm(asked.run, asked.leaseMs);
      const proxies = await ask();
      const left = shown(proxies);
      const onAgain = asked.faults.some(
        (fault) => switchesOff(fault) && proxies.some(({ name, enabled }) => name === fault.proxy && enabled),
      );
      if (onAgain || left.length < asked.faults.length)
        throw new FaultlineError('EPOCH_SPENT', { epoch: asked.epoch, highest: asked.epoch });
      await put(asked, async (fault, toxic) => {
        // Toxiproxy restarts a toxic that is updated, and draws its toxicity anew: what stays the same is left alone.
        if (!switchesOff(fault) && !sameValues(before.get(fault.id), fault))
          await server.updateToxic(fault.proxy, toxic);
      });
    },
    async release() {
      if (run === undefined) return;
      const { gone: ended, failures } = await takeBack(server, run);
      if (failures.length > 0) {
        throw new FaultlineError('NOT_TAKEN_BACK', { driver: name, kind: KIND, reason: failures.join('; ') });
      }
      set = undefined;
      gone = ended;
      // Should it come back after all, the watchdog is there.
      if (!ended) watchdog.disarm();
    },
    async remaining() {
      try {
        return shown(await ask());
      } catch (error) {
        if (gone && (await server.gone())) return [];
        throw error;
      }
    },
    remark: () => (gone ? GONE : undefined),
    countsOf: () => UNCOUNTED,
    // Toxiproxy's API says nothing of bytes that wait in a toxic.
    held: async () => undefined,
    async manual() {
      const proxies = await ask();
      const touched = (proxy: ProxyView) => {
        const own = run === undefined ? [] : toxicsOf(proxy, run);
        return own.length < proxy.toxics.length || (!proxy.enabled && own.length === 0);
      };
      return proxies.filter(touched).map((proxy) => proxy.name);
    },
    close: () => watchdog.end(),
  };
}

function checkProxy(
  driver: string,
  fault: FaultSpec,
  proxies: readonly ProxyView[],
  run: string | undefined,
): void {
  const proxy = proxies.find((known) => known.name === fault.proxy);
  if (!proxy) {
    const suggestion = didYouMean(
      fault.proxy,
      proxies.map((known) => known.name),
    );
    throw new FaultlineError('UNKNOWN_PROXY', { proxy: fault.proxy, suggestion });
  }
  // One that the run itself has switched off is on again before the next set comes into force.
  const own = run !== undefined && toxicsOf(proxy, run).some(({ type }) => type === MARK);
  if (proxy.enabled || own) return;
  const reason = `its proxy "${proxy.name}" is disabled already`;
  throw new FaultlineError('DRIVER_REFUSED', { driver, kind: KIND, fault: fault.type, reason });
}

async function checkVersion(
  driver: string,
  faults: readonly FaultSpec[],
  server: ToxiproxyServer,
): Promise<void> {
  const newer = faults.filter(({ type }) => SINCE[type]);
  if (newer.length === 0) return;
  const version = await server.version().catch(() => '');
  const [major, minor] = /^v?(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  for (const fault of newer) {
    const since = SINCE[fault.type]!;
    // A build that does not say its version is taken for a new one.
    if (major === undefined || major > since[0] || (major === since[0] && minor! >= since[1])) continue;
    const reason = `it came with Toxiproxy ${since.join('.')}, and this is ${version}`;
    throw new FaultlineError('DRIVER_REFUSED', { driver, kind: KIND, fault: fault.type, reason });
  }
}

function sameValues(before: FaultSpec | undefined, after: FaultSpec): boolean {
  const values = (fault: FaultSpec | undefined) => JSON.stringify([fault?.toxicity, fault?.attributes]);
  return before !== undefined && values(before) === values(after);
}
