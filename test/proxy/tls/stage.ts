import { type Clock, systemClock } from '../../../src/core/clock.ts';
import type { FaultSpec } from '../../../src/core/fault.ts';
import type { ProxyDeclaration } from '../../../src/core/protocol.ts';
import { createHttpForwarder } from '../../../src/proxy/http/forwarder.ts';
import { createDataPlane } from '../../../src/proxy/plane.ts';

/** A data plane with one proxy `p`. */
export async function startProxy(
  declaration: Pick<ProxyDeclaration, 'protocol' | 'upstream' | 'tls'>,
  clock: Clock = systemClock,
) {
  const lines: string[] = [];
  const plane = createDataPlane({
    clock,
    createForwarder: createHttpForwarder,
    log: (line) => lines.push(line),
  });
  const proxy = await plane.addProxy({ name: 'p', listen: '127.0.0.1:0', ...declaration }, true);
  return {
    plane,
    lines,
    declaration: proxy.declaration,
    proxy,
    port: Number(proxy.declaration.listen.split(':')[1]),
    put: (...faults: readonly Omit<FaultSpec, 'proxy'>[]) =>
      plane.putFaults({
        run: 'r',
        epoch: plane.state().epoch + 1,
        lease: '60s',
        seed: 7,
        faults: faults.map((fault) => ({ proxy: 'p', ...fault })),
      }),
    counts: () => plane.state().faults[0]!,
    seen: () => plane.observation().proxies.p!,
    close: () => plane.close(),
  };
}
