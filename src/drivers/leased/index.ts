export { createLeasedDriver, type LeasedDriver, type LeasedDriverOptions } from './driver.ts';
export { type EngagedSet, type NamedFault, type Target, UNCOUNTED } from './target.ts';
