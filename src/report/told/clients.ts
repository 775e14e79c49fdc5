import type { ClientRow } from '../findings.ts';
import { duration, number, percent, UNKNOWN } from '../format.ts';
import type { Summary } from '../summary.ts';
import type { Told } from './told.ts';

export function clientsTold({ clients }: Summary): Told | false {
  if (clients.length === 0) return false;
  const fallbacks = clients.flatMap((row) => row.fallback.map((one) => ({ ...row, ...one })));
  return {
    id: 'clients',
    name: 'Clients',
    heading: 'What clients did about failures',
    lede: 'As the proxies saw it: a call is known again by a digest of what it asks. The pause is the median from the end of a failed answer to the same call again.',
    blocks: [
      {
        table: {
          caption: 'Clients, by proxy and step',
          columns: [
            { name: 'Proxy', kind: 'probe' },
            { name: 'Step' },
            { name: 'Failed', kind: 'num' },
            { name: 'Tried again', kind: 'num' },
            { name: 'Most in a row', kind: 'num' },
            { name: 'Pause, 1st, 2nd, later' },
            { name: 'Told when, kept' },
            { name: 'Given up' },
          ],
          rows: clients.map((row) => [
            row.proxy,
            `${row.step}. ${row.stepName}`,
            `${number(row.failed)} of ${number(row.calls)}`,
            percent(row.retriesPerFailure),
            number(row.longestChain),
            row.backoffMs.map(duration).join(', '),
            toldText(row),
            givenUpText(row),
          ]),
        },
      },
      ...(fallbacks.length > 0
        ? [
            {
              list: fallbacks.map(
                ({ proxy, stepName, probe, usualMs, ms }) =>
                  `While most calls to ${proxy} failed in "${stepName}", ${probe} went on being served: after ${duration(ms)} (usually ${duration(usualMs)}).`,
              ),
            },
          ]
        : []),
    ],
  };
}

function toldText({ retryAfter: { told, kept, early } }: ClientRow): string {
  return told === 0 ? UNKNOWN : `${number(kept)} of ${number(told)}; ${number(early)} too early`;
}

function givenUpText({ abandoned, abandonedAfterMs }: ClientRow): string {
  return abandoned === 0 ? UNKNOWN : `${number(abandoned)}, after ${duration(abandonedAfterMs)}`;
}
