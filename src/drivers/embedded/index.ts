export { connectDataPlane, type EmbeddedDriver } from './driver.ts';
export { identifyDataPlane, proxiesDiffer } from './identify.ts';
export {
  adoptDataPlane,
  recordedDataPlane,
  type StartedDataPlane,
  type StartOptions,
  startDataPlane,
} from './start.ts';
export { controlHeaders } from './token.ts';
