export { choose } from './choose.ts';
export {
  type AdminContext,
  type AdminFault,
  type AdminFaultFacts,
  type AdminValues,
  type AnyAdminFault,
  CannotEngage,
  type Engaged,
} from './fault.ts';
export { inRounds } from './rounds.ts';
export { type AdminServer, adminTarget } from './target.ts';
