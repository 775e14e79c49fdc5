import { formatSlo } from '../../safety/limits/burn-rate.ts';
import { number, percent } from '../format.ts';
import type { Summary } from '../summary.ts';
import type { Told } from './told.ts';

export function impactTold({ impact, availability }: Summary): Told | false {
  if (!impact) return false;
  const { rows, budgets } = impact;
  return {
    id: 'impact',
    name: 'Impact',
    heading: 'What users had to bear',
    lede: `${availability.overall === null ? '' : `${percent(availability.overall)} of all samples were good while faults were in force. `}Measured is what was counted; estimated is worked out from it, as its last column says.`,
    blocks: [
      rows.length > 0
        ? {
            table: {
              caption: 'Impact',
              columns: [
                { name: 'Who' },
                { name: 'What' },
                { name: 'Basis', kind: 'half' },
                { name: 'How it is known' },
              ],
              rows: rows.map(({ who, figure, basis, how }) => [
                who,
                figure,
                basis,
                { text: how, tone: 'muted' },
              ]),
            },
          }
        : { list: ['No failure was seen by any probe, by the load, or at any proxy beyond what is usual.'] },
      ...(budgets.length > 0
        ? [
            {
              table: {
                caption: 'Error budgets',
                columns: [
                  { name: 'Probe', kind: 'probe' as const },
                  { name: 'Objective', kind: 'num' as const },
                  { name: 'Spent', kind: 'num' as const },
                  { name: 'Of 30 days', kind: 'num' as const },
                  { name: 'Share', kind: 'num' as const },
                ],
                rows: budgets.map(({ probe, slo, spentMinutes, budgetMinutes }) => [
                  probe,
                  formatSlo(slo),
                  `${number(spentMinutes)} min`,
                  `${number(budgetMinutes)} min`,
                  percent(spentMinutes / budgetMinutes),
                ]),
              },
            },
          ]
        : []),
    ],
  };
}
