import type { Operator } from '../../core/expectation.ts';
import { type Match, placeOf } from '../../core/fault.ts';
import type { Plan, PlannedFault, PlannedStep, Ramp, SearchTry } from '../../core/plan.ts';
import { formatDuration, formatQuantity, formatShare } from '../../core/units.ts';
import { ADMIN_FAULTS, endsConnections, factsOf } from '../../drivers/catalogue.ts';
import { FAULTS } from '../../faults/index.ts';
import { GATE_PATIENCE } from '../plan/reach.ts';
import { loadSentence } from './health.ts';
import { section, wrap } from './layout.ts';

/** What a fault of each layer is judged on; message faults say it themselves. */
const UNITS = {
  listener: 'connections',
  bytes: 'connections',
  http: 'requests',
} as const;

const OPERATOR_WORDS: Readonly<Record<Operator, string>> = {
  '<': 'less than',
  '<=': 'at most',
  '>': 'more than',
  '>=': 'at least',
  '==': 'exactly',
  '!=': 'anything but',
};

export function explainSteps({ steps, reach }: Plan): string {
  const longest = `Steps, ${formatDuration(reach.durationMs)} at most`;
  // The tries of a search are one step of the file.
  const told = steps.filter(({ search }) => search === undefined || search.number === 1);
  return section(longest, ...told.map(explainStep));
}

/** What stays changed although every fault has been taken back. */
export function explainUndoable({ steps }: Plan): string {
  const ending = steps
    .flatMap(({ faults }) => faults)
    .filter(({ type, attributes }) => endsConnections(type, attributes));
  if (ending.length === 0) {
    return wrap('Nothing: every fault of this experiment lets go of what it held when it is taken back.', 2);
  }
  return ending
    .map((fault) => {
      const { id, type } = fault;
      const text = `Fault ${id} (${type} on ${placeOf(fault)}) ends connections; with them go their requests and open transactions. Taken back: ${factsOf(type)!.undo}.`;
      return wrap(text, 2, 4);
    })
    .join('\n');
}

function explainStep(step: PlannedStep, index: number): string {
  const { name, durationMs, gateMs, faults, injected, search } = step;
  const head = search
    ? `${index + 1}. ${search.name}, a search of ${search.of} tries at most, each for ${formatDuration(durationMs)}`
    : `${index + 1}. ${name}, for ${formatDuration(durationMs)}`;
  const lines = [wrap(head, 2, 5)];
  if (search) lines.push(wrap(explainSearch(search), 5));
  if (gateMs !== undefined) {
    const patience = formatDuration(GATE_PATIENCE * gateMs);
    const text = `Before ${search ? 'each' : 'it'} the faults are taken back, until all expectations have held for ${formatDuration(gateMs)}; after ${patience} it is given up.`;
    lines.push(wrap(text, 5));
  }
  if (step.load) lines.push(wrap(`In place of the run's load: ${loadSentence(step.load)}`, 5));
  for (const fault of faults) lines.push(wrap(`- ${explainFault(fault)}`, 5, 7));
  if (faults.length === 0) lines.push(wrap('No faults.', 5));
  else lines.push(wrap(explainInjected(injected), 5));
  return lines.join('\n');
}

function explainSearch({ attribute, unit, from, to, within }: SearchTry): string {
  const figure = (value: number) => formatQuantity(value, unit);
  return `It looks for the ${attribute} at which the system breaks, by halving between ${figure(from)}, which is expected to hold, and ${figure(to)}, which is tried last and only where all before it held; until the last value that held and the first that did not are within ${formatShare(within)} of each other. A try ends with the first expectation that is missed. It takes for granted that what breaks at one value breaks at every harsher one.`;
}

function explainFault(fault: PlannedFault): string {
  const { id, type, stream, sentence, match, toxicity } = fault;
  const direction = FAULTS.get(type)?.layer === 'bytes' && stream ? `, ${stream}` : '';
  const always = toxicity.from === 1 && toxicity.to === 1;
  const share = always ? '' : `, on ${ramp(toxicity, formatShare)} of ${unitsOf(type)}`;
  return `${placeOf(fault)}: ${sentence}${share}${explainMatch(match)}. [${id} ${type}${direction}]`;
}

function unitsOf(type: string): string {
  const definition = FAULTS.get(type);
  if (!definition) return ADMIN_FAULTS.get(type)?.unit ?? 'units';
  return definition.layer === 'message' ? definition.units : UNITS[definition.layer];
}

function explainMatch(match: Match): string {
  const { first, after, every, headers, ...globs } = match;
  const conditions = [
    ...Object.entries(globs).map(([key, value]) => `${key} is ${value}`),
    ...Object.entries(headers ?? {}).map(([name, value]) => `header ${name} is ${value}`),
  ];
  const counted = [
    after ? `after the first ${after}` : '',
    every && every > 1 ? `one in ${every}` : '',
    first ? `${first} at most` : '',
  ].filter((part) => part !== '');
  const where = conditions.length > 0 ? `, only where ${conditions.join(' and ')}` : '';
  return `${where}${counted.length > 0 ? `, ${counted.join(', ')}` : ''}`;
}

function explainInjected(injected: PlannedStep['injected']): string {
  if (injected === 'unproven') return 'Nobody counts whether its faults met traffic.';
  const times = injected.bound === 1 ? 'once' : `${injected.bound} times`;
  return `It proves something only if each fault acts ${OPERATOR_WORDS[injected.operator]} ${times}.`;
}

function ramp({ from, to }: Ramp, format: (value: number) => string): string {
  return from === to ? format(from) : `${format(from)} → ${format(to)}`;
}
