import { FaultlineError, FaultlineErrors } from '../core/errors.ts';
import { loadPlan } from '../experiments/load.ts';

/** `faultline validate`: tells every problem of every file; ends with the highest exit code among them. */
export async function validate(options: { files: readonly string[]; limits?: string }): Promise<number> {
  let exit = 0;
  for (const file of options.files) {
    try {
      const { plan } = loadPlan({ file, limits: options.limits });
      process.stdout.write(
        `${file}: valid, ${count(plan.steps.length, 'step')}, ${count(plan.probes.length, 'probe')}\n`,
      );
    } catch (error) {
      if (!(error instanceof FaultlineError || error instanceof FaultlineErrors)) throw error;
      process.stderr.write(`${error instanceof FaultlineErrors ? error.message : String(error)}\n`);
      exit = Math.max(exit, error.exitCode);
    }
  }
  return exit;
}

function count(amount: number, thing: string): string {
  return `${amount} ${thing}${amount === 1 ? '' : 's'}`;
}
