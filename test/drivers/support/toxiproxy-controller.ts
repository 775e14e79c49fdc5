import { connectToxiproxy } from '../../../src/drivers/toxiproxy/index.ts';

/** A controller that applies one fault and then waits to be killed: CONTROL TYPE LEASE. */
const [control, type, lease] = process.argv.slice(2) as [string, string, string];
const driver = connectToxiproxy({ name: 'lab', control });
await driver.apply({
  run: 'r',
  epoch: 1,
  lease,
  seed: 1,
  faults: [{ id: '1.1', proxy: 'p', type, attributes: type === 'latency' ? { latency: 1 } : {} }],
});
process.stdout.write('applied\n');
setInterval(() => {}, 1000);
