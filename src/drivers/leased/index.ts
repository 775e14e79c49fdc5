export { createLeasedDriver, type LeasedDriver } from './driver.ts';
export { type EngagedSet, type NamedFault, type Target, UNCOUNTED } from './target.ts';
