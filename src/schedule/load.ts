import { inOrder, openDocument } from '../core/document.ts';
import { type FaultlineError, FaultlineErrors } from '../core/errors.ts';
import { problemsOf } from './check.ts';
import type { Schedule } from './contract.ts';
import { schedulesSchema, toSchedule } from './schema.ts';

export interface LoadSchedulesOptions {
  readonly text: string;
  /** Name of the file, for places in errors. */
  readonly file: string;
  /** Names of the experiments that there are. */
  readonly experiments: readonly string[];
}

/**
 * Reads schedules.
 * @throws FaultlineErrors with all problems, each with file, line and column: a zone that this machine does not know, an
 *   expression that is none or is never due, a jitter beyond the next occurrence, an experiment that is not there, two schedules of one name
 */
export function loadSchedules({ text, file, experiments }: LoadSchedulesOptions): readonly Schedule[] {
  const document = openDocument({ text, file, schema: schedulesSchema });
  const errors: FaultlineError[] = [];
  const seen = new Map<string, number>();
  for (const [index, entry] of document.value.schedules.entries()) {
    const at = (...rest: (string | number)[]) => ['schedules', index, ...rest];
    for (const { field, nth, code, values } of problemsOf(entry, experiments))
      errors.push(document.error(code, values, nth === undefined ? at(field) : at(field, nth)));
    const line = seen.get(entry.name);
    if (line !== undefined)
      errors.push(document.error('NAME_TAKEN', { what: 'schedule', name: entry.name, line }, at('name')));
    else seen.set(entry.name, document.placeOf(at('name')).line);
  }
  if (errors.length > 0) throw new FaultlineErrors(inOrder(errors));
  return document.value.schedules.map(toSchedule);
}
