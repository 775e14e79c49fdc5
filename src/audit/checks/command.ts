import { z } from 'zod';
import { KINDS } from '../../experiments/schema/probes.ts';
import { checkKind } from './kind.ts';
import { measureOnce } from './measure-once.ts';

const schema = KINDS.command
  .extend({ exit: z.int().min(0).max(255).default(0).describe('Exit code that means that it holds.') })
  .describe('Runs a program, an argument list without a shell; its exit code tells.');

export const command = checkKind<z.output<typeof schema>>({
  schema,
  addresses: () => [],
  run: ({ exit, ...spec }, context) =>
    measureOnce(
      { kind: 'command', ...spec },
      (sample) => sample.value === exit,
      `exit code ${exit}`,
      context,
    ),
});
