import { FaultlineError, FaultlineErrors } from '../../../core/errors.ts';
import { type Finding, refused } from '../contract.ts';

/** One finding for each thing that is wrong with files that are read. */
export function problemsOf(read: () => unknown, remedy: string): readonly Finding[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof FaultlineErrors) return error.errors.map((one) => refused(String(one), remedy));
    if (error instanceof FaultlineError) return [refused(String(error), remedy)];
    throw error;
  }
}
