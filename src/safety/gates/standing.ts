import type { Plan } from '../../core/plan.ts';
import { formatDuration } from '../../core/units.ts';
import { killSwitch as killSwitchThrown } from '../kill-switch.ts';
import { closedBecause, closesWithin } from '../limits/index.ts';
import { type Gate, no, yes } from './gate.ts';

export const environment: Gate = {
  name: 'environment allowed',
  async check({ limits: { environment } }) {
    const { name, allowed } = environment;
    if (allowed.includes(name)) return yes(`"${name}" is one of ${allowed.join(', ')}`);
    return no(
      `environment "${name}" is not one in which experiments may run (${allowed.join(', ') || 'none is'})`,
    );
  },
};

export const open: Gate = {
  name: 'window open',
  async check({ plan, limits, clock }) {
    const now = clock.wall();
    const closed = closedBecause(limits, now);
    if (closed !== undefined) return no(closed);
    const closes = closesWithin(limits, now, longestRun(plan));
    if (closes === undefined) return yes('within a window until the run is over, and no freeze holds');
    return no(
      `the run may last ${formatDuration(longestRun(plan))}, and at ${new Date(closes.at).toISOString()} ${closes.reason}`,
    );
  },
};

/** The half of the kill switch that needs no data plane. */
export const stopFile: Gate = {
  name: 'no stop file',
  async check({ stopFile }) {
    const thrown = await killSwitchThrown({ stopFile });
    return thrown === undefined ? yes('there is none') : no(thrown);
  },
};

export const killSwitch: Gate = {
  name: 'no kill switch',
  async check({ driver, stopFile }) {
    const thrown = await killSwitchThrown({ stopFile, plane: driver });
    return thrown === undefined ? yes('no stop file, and the data plane is not halted') : no(thrown);
  },
};

export const manualToxics: Gate = {
  name: 'no manual toxics',
  async check({ driver }) {
    const proxies = await driver.manualToxics();
    if (proxies.length === 0) return yes('no proxy has a toxic set by hand');
    return no(
      `toxics set by hand are on ${proxies.map((name) => `"${name}"`).join(', ')}: remove them first`,
    );
  },
};

export const otherRuns: Gate = {
  name: 'no other run',
  async check({ driver, run, limits, otherRuns }) {
    const state = await driver.state();
    if (state.run !== undefined && state.run !== run && state.expiresIn > 0) {
      return no(`run "${state.run}" holds a live lease on the data plane`);
    }
    const others = (await otherRuns()).filter((name) => name !== run);
    const most = limits.reach.runs;
    if (others.length + 1 > most) {
      return no(tooManyRuns(others, most));
    }
    return yes(others.length === 0 ? 'nothing else is under way' : `${named(others)} under way too`);
  },
};

/** From the baseline to the end of recovery. */
function longestRun({ baselineMs, reach, recoveryMs }: Plan): number {
  return baselineMs + reach.durationMs + recoveryMs;
}

/** Why one more run cannot begin. */
export function tooManyRuns(others: readonly string[], most: number): string {
  return `${named(others)} under way, and ${most} at a time is the most`;
}

function named(runs: readonly string[]): string {
  const names = runs.map((name) => `"${name}"`).join(', ');
  return runs.length === 1 ? `run ${names} is` : `runs ${names} are`;
}
