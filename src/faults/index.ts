import type { AnyFault } from './contract.ts';

/** The catalogue. A fault is its own file and one line here. */
const CATALOGUE: readonly AnyFault[] = [];

export const FAULTS: ReadonlyMap<string, AnyFault> = new Map(CATALOGUE.map((fault) => [fault.type, fault]));
