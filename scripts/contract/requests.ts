import type { Sequence } from './contract.ts';
import { proxySequences, unremovableNames } from './requests/proxies.ts';
import { routeSequences } from './requests/routes.ts';
import { toxicSequences } from './requests/toxics.ts';

/** Everything that is asked of both servers. */
export const SEQUENCES: readonly Sequence[] = [
  ...routeSequences,
  ...proxySequences,
  ...toxicSequences,
  unremovableNames,
];
