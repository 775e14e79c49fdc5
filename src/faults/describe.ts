import { z } from 'zod';
import type { AnyFault } from './contract.ts';

export interface AttributeRow {
  readonly name: string;
  /** `ms`, `bytes`, `share`, `count`, `choice`, … */
  readonly unit: string;
  readonly fallback: unknown;
  readonly description: string;
  /** Where only some values are allowed. */
  readonly choices: readonly string[] | undefined;
}

/** A fault's attributes as its own schema states them, for tables and help. */
export function attributeRows(fault: Pick<AnyFault, 'attributes'>): readonly AttributeRow[] {
  const schema = z.toJSONSchema(fault.attributes, { io: 'input', unrepresentable: 'any' });
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const field = property as { unit?: string; default?: unknown; description?: string; enum?: string[] };
    return {
      name,
      unit: field.unit ?? 'text',
      fallback: field.default,
      description: field.description ?? '',
      choices: field.enum,
    };
  });
}
