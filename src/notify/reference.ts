import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Where a secret is to be read from: never the secret itself. */
export type Reference = string | { readonly file: string };

const VARIABLE = /^\$\{([A-Za-z_]\w*)\}$/;

const inFile = z.strictObject({
  file: z.string().min(1).describe('Path of a file that holds it, from the folder of this one.'),
});

/** A secret by reference: `${NAME}` or `{ file: PATH }`. A literal one is an error that does not quote it. */
export function referenceField(description: string) {
  const variable = z
    .string()
    .refine(
      isReference,
      'a secret may not stand in the file itself: name an environment variable as ${NAME}, or a file as { file: PATH }',
    );
  return z.union([variable, inFile]).describe(description);
}

export function isReference(text: string): boolean {
  return VARIABLE.test(text);
}

export interface SecretSource {
  readonly environment: NodeJS.ProcessEnv;
  /** Folder that paths start from. */
  readonly folder: string;
}

/**
 * Reads what a reference stands for, at the moment of use.
 * @throws Error that names the variable or the file, never its content
 */
export function readReference(reference: Reference, { environment, folder }: SecretSource): string {
  const value =
    typeof reference === 'string' ? fromVariable(reference, environment) : fromFile(reference.file, folder);
  if (value === '') throw new Error(`${nameOf(reference)} is empty`);
  return value;
}

function fromVariable(reference: string, environment: NodeJS.ProcessEnv): string {
  const value = environment[VARIABLE.exec(reference)![1]!];
  if (value === undefined) throw new Error(`${nameOf(reference)} is not set`);
  return value;
}

function fromFile(file: string, folder: string): string {
  try {
    return readFileSync(resolve(folder, file), 'utf8').trim();
  } catch (error) {
    throw new Error(`file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function nameOf(reference: Reference): string {
  return typeof reference === 'string'
    ? `variable ${VARIABLE.exec(reference)![1]}`
    : `file ${reference.file}`;
}
