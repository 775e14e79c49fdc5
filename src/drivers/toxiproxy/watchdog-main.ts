import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { toxiproxyServer } from './server.ts';
import { takeBack } from './take-back.ts';
import type { WatchdogOrder } from './watchdog.ts';

/**
 * Process that outlives its controller: `node watchdog-main CONTROL`. Orders come over stdin. When a lease ends without a new
 * one, or stdin does, it takes the run's toxics back, tries until that has worked, and exits.
 */
const RETRY_MS = [100, 200, 500, 1000, 2000];
/** A server that has not answered for so long will not keep its toxics either. */
const PATIENCE_MS = 600_000;

const server = toxiproxyServer(process.argv[2] ?? '');
let order: WatchdogOrder | undefined;
let timer: NodeJS.Timeout | undefined;
let takingBack = false;

// A terminal's signals are meant for the controller. Asked to end, it takes the toxics back first; asked twice, it obeys.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('SIGTERM', () => {
  if (takingBack) process.exit(1);
  void finish();
});
// The controller that would read it may be gone.
process.stdout.on('error', () => {});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  order = JSON.parse(line) as WatchdogOrder;
  clearTimeout(timer);
  if (order.leaseMs > 0) timer = setTimeout(finish, order.leaseMs);
});
lines.on('close', finish);
process.stdout.write('watching\n');

async function finish(): Promise<void> {
  if (takingBack) return;
  takingBack = true;
  clearTimeout(timer);
  if (order && order.leaseMs > 0) await takeBackUntilDone(order.run);
  process.exit(0);
}

async function takeBackUntilDone(run: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (let attempt = 0; performance.now() < until; attempt++) {
    const { gone, failures } = await takeBack(server, run);
    // A port that was forwarded looks the same when the way to it has ended: it may come back, and the toxics with it.
    if (!gone && failures.length === 0) return;
    await wait(RETRY_MS[attempt] ?? RETRY_MS.at(-1)!);
  }
}
