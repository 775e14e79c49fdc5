import { connectDataPlane } from '../../src/drivers/embedded/index.ts';

/** A controller as small as can be: puts a set in force and renews it at a third of its lease, until it is killed. */
const [control, faults, leaseMs] = process.argv.slice(2) as [string, string, string];
const driver = connectDataPlane(control);
const set = { run: 'lost', epoch: 1, lease: Number(leaseMs), seed: 1, faults: JSON.parse(faults) };
await driver.apply(set);
process.stdout.write('in force\n');
setInterval(() => void driver.apply(set), Number(leaseMs) / 3);
