import { z } from 'zod';
import { suiteSchema } from '../../src/audit/schema.ts';
import { createExperimentSchema } from '../../src/experiments/schema.ts';
import { gameDaySchema } from '../../src/gameday/schema.ts';
import { loadFileSchema } from '../../src/load/schema.ts';
import { notifySchema } from '../../src/notify/index.ts';
import { proxyFileSchema } from '../../src/proxy/config.ts';
import { safetyLimitsSchema } from '../../src/safety/limits/schema.ts';

/** JSON Schemas (draft 2020-12) of the files that people write, for completion and hints in editors. */
export function schemaFiles(): readonly (readonly [string, string])[] {
  return [
    [
      'schemas/experiment.schema.json',
      render(
        'Faultline experiment',
        createExperimentSchema((fault) => fault.matchKeys),
      ),
    ],
    ['schemas/audit.schema.json', render('Faultline audit suite', suiteSchema)],
    ['schemas/gameday.schema.json', render('Faultline game day', gameDaySchema)],
    ['schemas/safety-limits.schema.json', render('Faultline safety limits', safetyLimitsSchema)],
    ['schemas/load.schema.json', render('Faultline load', loadFileSchema)],
    ['schemas/notify.schema.json', render('Faultline notifications', notifySchema)],
    ['schemas/faultline.schema.json', render('Faultline proxies', proxyFileSchema)],
  ];
}

function render(title: string, schema: z.ZodType): string {
  const { $schema, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => sayUnit(jsonSchema),
  });
  return `${JSON.stringify({ $schema, title, ...json }, null, 2)}\n`;
}

/** Editors show descriptions and no keyword of our own. */
function sayUnit(schema: Record<string, unknown>): void {
  const { unit, description } = schema;
  delete schema.unit;
  if (typeof description !== 'string') return;
  const sentence = /[.!?]$/.test(description) ? description : `${description}.`;
  const measured = typeof unit === 'string' && !['choice', 'text', 'count'].includes(unit);
  schema.description = measured ? `${sentence} A bare number is in ${UNITS[unit] ?? unit}.` : sentence;
}

const UNITS: Readonly<Record<string, string>> = { share: 'parts of 1 (25% is 0.25)' };
