import { formatShare } from '../../core/units.ts';
import type { Assessed, AssessOptions } from './assess.ts';
import { busy, notAssessed, seriesOf, stateOf } from './series.ts';

const RESOURCE = 'database connections';
const AT = 0.8;
const NEAR = 0.7;
const WANTED = 0.7;
/** Where nobody says how many there may be: the usual limit of a server. */
const USUAL_SIZE = 100;

export function assessDatabase({ samples }: AssessOptions): Assessed {
  const inUse = seriesOf(samples, 'databaseInUse').map(({ value }) => value);
  if (inUse.length === 0) return notAssessed(RESOURCE, 'no metrics tell how many connections are in use');
  const told = seriesOf(samples, 'databaseSize').at(-1)?.value;
  const size = told ?? USUAL_SIZE;
  const waiting = seriesOf(samples, 'databaseWaiting').map(({ value }) => value);
  const most = busy(inUse);
  const queue = waiting.length > 0 ? busy(waiting) : 0;
  const share = most / size;
  // Who waits for a connection has none of those in use.
  const state = queue >= 1 ? 'bottleneck' : stateOf(share, AT, NEAR);
  const wanted = Math.ceil((most + queue) / WANTED);
  return {
    resource: RESOURCE,
    state,
    evidence: `${round(most)} of ${size}${told === undefined ? ' (the usual limit)' : ''} in use in the busiest quarter of the time${queue >= 1 ? `, and ${round(queue)} callers waiting for one` : ''}`,
    pressure: (share * (1 + queue / size)) / AT,
    ...(state === 'bottleneck'
      ? {
          suggestion: {
            what: 'connections in the pool, and a time-out on waiting for one',
            from: String(size),
            to: String(wanted),
            priority: 'high',
            effort: 'low',
            gain:
              queue >= 1
                ? `callers that wait for a connection fall from ${round(queue)} to none at this load, if the database can serve ${wanted}`
                : `${formatShare(most / wanted, 0)} in use at this load, in place of ${formatShare(share, 0)}`,
          },
        }
      : {}),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
