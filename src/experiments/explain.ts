import type { Reach, SafetyLimits } from '../core/limits.ts';
import type { Plan } from '../core/plan.ts';
import { maskUrls } from '../core/secrets.ts';
import { addressOf, DRIVER_KINDS } from '../drivers/catalogue.ts';
import { explainLoad, explainProbes, explainStops } from './explain/health.ts';
import { section, table, wrap } from './explain/layout.ts';
import { explainSteps, explainUndoable } from './explain/steps.ts';
import { nameOf } from './plan/problems.ts';
import { REACH_WORDS } from './plan/reach.ts';

/** The dry run: all that a run would do, in sentences of at most 100 columns. Holds no secret. Pure. */
export function explainPlan(plan: Plan, limits: SafetyLimits): string {
  return [
    explainPurpose(plan),
    explainGates(limits),
    explainDataPlane(plan),
    ...(plan.drivers ? [explainDrivers(plan.drivers)] : []),
    ...(plan.load ? [explainLoad(plan.load)] : []),
    explainProbes(plan),
    explainSteps(plan),
    explainStops(plan, limits),
    section('What cannot be undone', explainUndoable(plan)),
    explainReach(plan.reach, limits),
  ].join('\n\n');
}

function explainPurpose({ name, title, hypothesis, tags, seed, source }: Plan): string {
  const heading = title === name ? name : `${name}: ${title}`;
  const facts = `${source.file}, SHA-256 ${source.hash.slice(0, 12)}, seed ${seed}${tags.length > 0 ? `, ${tags.join(', ')}` : ''}`;
  return section(wrap(heading, 0), wrap(`Hypothesis: ${hypothesis}`, 2), wrap(facts, 2));
}

function explainGates({ environment, windows, freezes, approvals, ...limits }: SafetyLimits): string {
  const open = windows.map(({ days, from, to, zone }) => `${days} ${from}-${to} ${zone}`).join('; ');
  const closed = freezes.map(({ from, to, zone }) => `${from} to ${to} ${zone}`).join('; ');
  const above = Object.entries(approvals?.above ?? {}).map(([measure, value]) => {
    const { what, format } = REACH_WORDS[measure as keyof Reach];
    return `${what} above ${format(value)}`;
  });
  return section(
    'Before it starts',
    wrap(
      `This environment is "${environment.name}"; experiments may run in: ${environment.allowed.join(', ')}. (${limits.file ?? 'built-in limits'})`,
      2,
    ),
    windows.length > 0 ? wrap(`Only ${open}.`, 2) : '',
    freezes.length > 0 ? wrap(`Not on ${closed}.`, 2) : '',
    approvals && above.length > 0 ? wrap(`Needs ${approvals.by} to approve: ${above.join(', ')}.`, 2) : '',
    wrap('No halt, no toxics set by hand, no other run, every upstream reachable.', 2),
  );
}

function explainDataPlane({ control, proxies }: Plan): string {
  return section(
    `Data plane, control API at ${control}`,
    wrap(
      'One that runs there with these very proxies is used and left running. Where none runs, one is started and stopped at the end (--keep-proxy leaves it).',
      2,
    ),
    table(
      proxies.map(({ name, protocol, listen, upstream, tls }) => [
        name,
        protocol,
        `${listen} → ${maskUrls(upstream)}${tls ? ', with TLS' : ''}`,
      ]),
    ),
  );
}

function explainDrivers(drivers: NonNullable<Plan['drivers']>): string {
  return section(
    'Drivers beside the data plane',
    table(drivers.map((driver) => [driver.name, driver.driver, maskUrls(addressOf(driver))])),
    ...drivers.map(({ name, driver }) => {
      const { what, counts } = DRIVER_KINDS.get(driver)!;
      const proof = counts ? '' : ' It cannot count what its faults did, nor tell what it holds.';
      return wrap(
        `${name}: faults are ${what}; whether it can apply them is asked before the run.${proof}`,
        2,
        4,
      );
    }),
  );
}

function explainReach(reach: Reach, limits: SafetyLimits): string {
  const used = (Object.keys(REACH_WORDS) as (keyof Reach)[]).filter((measure) => reach[measure] > 0);
  const rows = used.map((measure) => {
    const { what, format } = REACH_WORDS[measure];
    return [what.replace(/^the /, ''), format(reach[measure]), `of ${format(limits.reach[measure])}`];
  });
  const { headers, clients } = limits.exempt;
  const exempt = [...Object.keys(headers).map((name) => `requests with header ${name}`), ...clients];
  return section(
    `How far it goes, of what is allowed by ${nameOf(limits)}`,
    table(rows),
    exempt.length > 0 ? wrap(`Left alone by every fault: ${exempt.join(', ')}.`, 2) : '',
  );
}
