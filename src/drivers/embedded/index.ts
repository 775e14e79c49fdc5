export { connectDataPlane, type EmbeddedDriver } from './driver.ts';
export { type DataPlaneIdentity, identifyDataPlane, proxiesDiffer } from './identify.ts';
export {
  adoptDataPlane,
  type DataPlaneRecord,
  type StartedDataPlane,
  type StartOptions,
  startDataPlane,
} from './start.ts';
