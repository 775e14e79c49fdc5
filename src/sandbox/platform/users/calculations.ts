import type { FastifyInstance } from 'fastify';

const OPERATIONS = {
  sum: (values: readonly number[]) => values.reduce((total, value) => total + value, 0),
  mean: (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length,
  /** An amount, at so many per cent, after so many years. */
  compound: ([amount = 0, percent = 0, years = 0]: readonly number[]) =>
    amount * (1 + percent / 100) ** years,
} as const;

const calculation = {
  type: 'object',
  required: ['operation', 'values'],
  properties: {
    operation: { type: 'string', enum: Object.keys(OPERATIONS) },
    values: { type: 'array', items: { type: 'number' }, minItems: 1, maxItems: 1000 },
  },
} as const;

/** Six decimals: what a binary fraction adds beyond them is no part of the answer. */
const DECIMALS = 1e6;

export function calculationRoutes(app: FastifyInstance): void {
  app.post<{ Body: { operation: keyof typeof OPERATIONS; values: number[] } }>(
    '/users/calculations',
    { schema: { body: calculation } },
    async ({ body: { operation, values } }) => ({
      operation,
      result: Math.round(OPERATIONS[operation](values) * DECIMALS) / DECIMALS,
    }),
  );
}
