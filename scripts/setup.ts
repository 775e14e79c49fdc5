import { setUp } from './setup/install.ts';
import { packagesFor } from './setup/packages.ts';

const purpose = process.argv[2] ?? 'all';
const wanted = packagesFor(purpose);
if (!wanted) {
  console.error(`"${purpose}" is not something to set up for: say demo, test, bench or all.`);
  process.exit(2);
}
process.exitCode = setUp(wanted, console);
