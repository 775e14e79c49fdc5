import { driversPage } from './drivers-page.ts';
import { errorsPage } from './errors-page.ts';
import { faultsPage } from './faults-page.ts';
import { lessonsPage } from './lessons-page.ts';
import { loadPage } from './load-page.ts';
import { schemaFiles } from './schemas.ts';

/** Path and content of every generated file. The same code gives the same text. */
export function generated(): ReadonlyMap<string, string> {
  return new Map([
    ...schemaFiles(),
    ['docs/drivers.md', driversPage()],
    ['docs/load.md', loadPage()],
    ['docs/faults.md', faultsPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/lessons.md', lessonsPage()],
  ]);
}
