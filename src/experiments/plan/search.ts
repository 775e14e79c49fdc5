import type { Path } from '../../core/document.ts';
import type { PlannedStep, ProbeSpec, SearchTry } from '../../core/plan.ts';
import { didYouMean } from '../../core/suggest.ts';
import { formatDuration } from '../../core/units.ts';
import { factsOf } from '../../drivers/catalogue.ts';
import { mostTries } from '../bisection.ts';
import { type FaultInput, numericFields } from '../schema/faults.ts';
import type { StepInput } from '../schema.ts';
import { SAMPLES_NEEDED } from './probes.ts';
import type { Problems } from './problems.ts';

/** Each is a step with a gate: more of them are no run any more. */
const MOST_TRIES = 12;

/** What all tries of a search share, and their fault over the whole span. */
export interface PlannedSearch {
  readonly common: Omit<SearchTry, 'number'>;
  readonly fault: FaultInput;
}

/** The search of a step; undefined where it has none, or one that does not fit: that goes to `problems`. */
export function planSearch(
  step: StepInput,
  probes: readonly ProbeSpec[],
  path: Path,
  problems: Problems,
): PlannedSearch | undefined {
  const { search, faults, gate } = step;
  if (!search) return undefined;
  const at = [...path, 'search'];
  const refuse = (reason: string, where: Path = at) => {
    problems.add('INVALID', { reason }, where);
    return undefined;
  };
  if (gate === undefined) return refuse('its step needs a "gate", since health must return before each try');
  const [fault] = faults;
  if (!fault || faults.length > 1)
    return refuse(`it turns the one fault of its step, and there are ${faults.length}`);
  const { injected } = step.expect;
  if (injected !== 'unproven' && (injected.operator !== '>=' || injected.bound > 1))
    refuse('a try may end early: expect ">= 1", or unproven', [...path, 'expect', 'injected']);
  for (const reason of tooShort(step, probes)) refuse(reason, [...path, 'duration']);

  const { attribute, within } = search;
  const fields = numericFields(factsOf(fault.type)!);
  const field = fields.get(attribute);
  if (!field) {
    const names = [...fields.keys()];
    const expected = `fault "${fault.type}" lets ${names.join(', ')} be searched`;
    const suggestion = didYouMean(attribute, names);
    problems.add('BAD_VALUE', { value: attribute, expected, suggestion }, [...at, 'attribute']);
    return undefined;
  }
  const from = field.schema.safeParse(search.from);
  const to = field.schema.safeParse(search.to);
  for (const { message } of from.error?.issues ?? []) refuse(message, [...at, 'from']);
  for (const { message } of to.error?.issues ?? []) refuse(message, [...at, 'to']);
  if (!from.success || !to.success) return undefined;
  const span = { from: from.data, to: to.data };
  if (!(span.from > 0 && span.to > 0) || span.from === span.to)
    return refuse('"from" and "to" must differ and be above 0, since the ratio between them is halved');
  const of = within > 0 ? mostTries({ ...span, within }) : Number.POSITIVE_INFINITY;
  if (of > MOST_TRIES)
    return refuse(`it could take more than ${MOST_TRIES} tries: widen "within", or bring both ends nearer`);
  return {
    common: { name: step.name, attribute, unit: field.unit, ...span, within, of },
    fault: withValue(fault, attribute, span),
  };
}

/** The same fault with another value of one attribute. */
export function withValue<T extends Pick<FaultInput, 'toxicity' | 'attributes'>>(
  fault: T,
  attribute: string,
  value: FaultInput['toxicity'],
): T {
  if (attribute === 'toxicity') return { ...fault, toxicity: value };
  return { ...fault, attributes: { ...fault.attributes, [attribute]: value } };
}

/** What follows a search must not begin in what its last try left behind. */
export function gatedAfterSearch(steps: readonly PlannedStep[]): readonly PlannedStep[] {
  return steps.map((step, index) => {
    const gateMs = step.gateMs ?? (steps[index - 1]?.search && steps[index - 1]?.gateMs);
    return gateMs === undefined ? step : { ...step, gateMs };
  });
}

function tooShort({ duration }: StepInput, probes: readonly ProbeSpec[]): readonly string[] {
  return probes.flatMap(({ name, everyMs, expect }) => {
    const rates = expect.some(({ measure }) => measure !== 'status' && measure !== 'value');
    const needed = SAMPLES_NEEDED * everyMs;
    if (!rates || duration >= needed) return [];
    return [
      `a try of ${formatDuration(duration)} cannot be judged: ${SAMPLES_NEEDED} samples of probe "${name}" take ${formatDuration(needed)}`,
    ];
  });
}
