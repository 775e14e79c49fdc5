import type { Behaviour } from './behaviour.ts';
import { delays } from './behaviours/delays.ts';
import { endings } from './behaviours/endings.ts';
import { links } from './behaviours/links.ts';

/** Everything that is done to traffic on both servers. */
export const BEHAVIOURS: readonly Behaviour[] = [...links, ...delays, ...endings];
