import { isDeepStrictEqual } from 'node:util';
import type { OpenDocument } from '../../core/document.ts';
import { FaultlineError, type SourcePlace } from '../../core/errors.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import type { DriverDeclaration } from '../../core/plan.ts';
import { addressOf } from '../../drivers/catalogue.ts';
import type { Experiment } from '../schema.ts';
import { nameOf, type Problems } from './problems.ts';
import { unlistedVariables } from './variables.ts';

/** A driver that all experiments share, and where it is declared. */
export interface SharedDriver {
  readonly declaration: DriverDeclaration;
  /** Of its name. */
  readonly place: SourcePlace;
  /** Of its `url` or `control`. */
  readonly placeOfAddress: SourcePlace;
}

export interface PlannedDrivers {
  /** All that a fault can name. */
  readonly declared: readonly DriverDeclaration[];
  /** The experiment's own, and of the shared ones those that its faults name: of the others it asks nothing. */
  readonly used: readonly DriverDeclaration[];
  placeOfAddress(name: string): SourcePlace;
}

/** An experiment's own drivers together with the shared ones; what contradicts goes to `problems`. */
export function planDrivers(
  document: OpenDocument<Experiment>,
  shared: readonly SharedDriver[],
  limits: SafetyLimits,
  problems: Problems,
): PlannedDrivers {
  const { drivers, steps } = document.value;
  const own = Object.entries(drivers).map(([name, given]): DriverDeclaration => ({ name, ...given }));
  for (const { declaration, place } of shared) {
    const { name } = declaration;
    const mine = own.find((driver) => driver.name === name);
    if (!mine || isDeepStrictEqual(mine, declaration)) continue;
    const other = `${place.file}:${place.line}:${place.column}`;
    problems.add('DRIVER_DIFFERS', { driver: name, other }, ['drivers', name], 'key');
  }
  const added = shared.filter(({ declaration: { name } }) => !Object.hasOwn(drivers, name));
  const named = new Set(steps.flatMap(({ faults }) => faults.map(({ driver }) => driver)));
  const needed = added.filter(({ declaration: { name } }) => named.has(name));
  for (const { declaration, placeOfAddress } of needed) {
    for (const name of unlistedVariables(addressOf(declaration), limits)) {
      const values = { name, limits: nameOf(limits) };
      problems.addError(new FaultlineError('VARIABLE_NOT_LISTED', values, placeOfAddress));
    }
  }
  return {
    declared: [...own, ...added.map(({ declaration }) => declaration)],
    used: [...own, ...needed.map(({ declaration }) => declaration)],
    placeOfAddress(name) {
      const mine = drivers[name];
      if (mine) return document.placeOf(['drivers', name, addressKey(mine)]);
      return shared.find(({ declaration }) => declaration.name === name)!.placeOfAddress;
    },
  };
}

/** Where a declaration has its address. */
export function addressKey(declaration: object): 'url' | 'control' {
  return 'url' in declaration ? 'url' : 'control';
}
