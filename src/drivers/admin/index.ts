export { choose } from './choose.ts';
export {
  type AdminFault,
  type AdminFaultFacts,
  CannotEngage,
  type Engaged,
} from './fault.ts';
export { inRounds } from './rounds.ts';
export { type AdminServer, adminTarget } from './target.ts';
