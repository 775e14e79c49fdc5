import { FaultlineError } from '../core/errors.ts';
import type { SafetyLimits } from '../core/limits.ts';
import { formatDuration } from '../core/units.ts';
import { createFetcher, type Fetcher } from '../probes/fetch.ts';
import { reasonOf } from '../probes/reason.ts';
import { judgeAddress } from '../safety/gates/targets.ts';
import { kindOf } from './checks/index.ts';
import { type CheckContext, type CheckTold, NOTHING } from './checks/kind.ts';
import type { SuiteCheck } from './suite.ts';

const BODY_CAP = 4 * 2 ** 20;

export interface CheckPlay {
  readonly limits: SafetyLimits;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What a check told; `refused` where the safety limits did not let it ask. */
export interface Played extends CheckTold {
  readonly refused?: boolean;
}

/**
 * Asks one check of a suite. Each address is held against the safety limits first, with its variables and the addresses that
 * its name leads to now. Never rejects: what goes wrong is told as not told.
 */
export async function playCheck(check: SuiteCheck, play: CheckPlay): Promise<Played> {
  const { limits, folder, environment, signal } = play;
  const kind = kindOf(check.kind);
  for (const address of kind.addresses(check.spec)) {
    const judged = await judgeAddress({ what: check.name, address }, { limits, environment });
    const refused = judged.find(({ allowed }) => !allowed);
    if (refused) return { ...NOTHING, untold: [`not asked: ${refused.because}`], refused: true };
  }
  const fetcher = createFetcher();
  try {
    const context: CheckContext = {
      ask: asker(fetcher, check.timeoutMs, signal),
      variables: { environment, allowed: limits.env },
      folder,
      timeoutMs: check.timeoutMs,
      signal,
      check,
    };
    return await kind.run(check.spec, context);
  } catch (error) {
    if (error instanceof FaultlineError) throw error;
    return { ...NOTHING, untold: [reasonOf(error)] };
  } finally {
    await fetcher.close();
  }
}

function asker(fetcher: Fetcher, timeoutMs: number, signal: AbortSignal): CheckContext['ask'] {
  return async ({ method = 'GET', url, headers = {} }) => {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      return await fetcher.fetch({
        url,
        method,
        headers,
        cap: BODY_CAP,
        keepBody: true,
        signal: AbortSignal.any([signal, late]),
      });
    } catch (error) {
      if (signal.aborted) return { failed: 'given up' };
      return { failed: late.aborted ? `no answer within ${formatDuration(timeoutMs)}` : reasonOf(error) };
    }
  };
}
