import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { inOrder, openDocument } from '../core/document.ts';
import { type FaultlineError, FaultlineErrors } from '../core/errors.ts';
import type { KnownExperiment } from '../core/launch.ts';
import { didYouMean } from '../core/suggest.ts';
import { readBytes } from '../proxy/files.ts';
import type { AgendaItem, GameDay, ItemGate } from './contract.ts';
import { gameDaySchema } from './schema.ts';

export interface LoadGameDayOptions {
  readonly file: string;
  /** Folder that paths start from. */
  readonly cwd: string;
  readonly experiments: readonly KnownExperiment[];
  /** Folder that their files are named from. */
  readonly folder: string;
}

/**
 * Reads a game-day file.
 * @throws FaultlineErrors with all problems, each with file, line and column: an experiment that is not there or cannot be
 *   started, two people of one name, nobody who could open a gate, a blind item whose title or prompt names its experiment
 */
export function loadGameDay({ file, cwd, experiments, folder }: LoadGameDayOptions): GameDay {
  const path = resolve(cwd, file);
  const bytes = readBytes(path, file);
  const document = openDocument({ text: bytes.toString('utf8'), file, schema: gameDaySchema });
  const { name, title, people, agenda } = document.value;
  const errors: FaultlineError[] = [];
  const find = (given: string) =>
    experiments.find(
      (one) => one.name === given || resolve(folder, one.file) === resolve(dirname(path), given),
    );
  for (const [index, person] of people.entries()) {
    const other = people.findIndex((one) => one.name === person.name);
    if (other === index) continue;
    const { line } = document.placeOf(['people', other, 'name']);
    errors.push(
      document.error('NAME_TAKEN', { what: 'person', name: person.name, line }, ['people', index, 'name']),
    );
  }
  if (!people.some(({ role }) => role === 'lead' || role === 'operator')) {
    const reason = 'nobody is lead or operator, so nobody could open a gate';
    errors.push(document.error('INVALID', { where: 'people', reason }, ['people']));
  }
  const items: AgendaItem[] = [];
  for (const [index, { gate, ...item }] of agenda.entries()) {
    const at = ['agenda', index, 'experiment'];
    const known = find(item.experiment);
    if (!known) {
      const names = experiments.map((one) => one.name);
      const suggestion = didYouMean(item.experiment, names);
      errors.push(document.error('UNKNOWN_EXPERIMENT', { experiment: item.experiment, suggestion }, at));
    } else if (known.problems.length > 0) {
      const where = `experiment "${known.name}"`;
      errors.push(document.error('INVALID', { where, reason: known.problems.join(' ') }, at));
    } else {
      const own = item.blind ? `Item ${index + 1}` : known.title;
      const title = item.title ?? own;
      for (const [key, text] of Object.entries({ title, prompt: item.prompt }))
        if (item.blind && tells(text, known)) {
          const reason = `it is blind, and this names its experiment, "${known.name}"`;
          errors.push(document.error('INVALID', { where: key, reason }, ['agenda', index, key]));
        }
      items.push({ ...item, title, experiment: known.name, gate: toGate(gate) });
    }
  }
  if (errors.length > 0) throw new FaultlineErrors(inOrder(errors));
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { name, title, people, agenda: items, source: { file, hash } };
}

/** Whether words that observers are sent name what they are not to know. */
function tells(text: string, { name, title }: KnownExperiment): boolean {
  const words = text.toLowerCase();
  return [name, name.replaceAll('-', ' '), title].some((told) => words.includes(told.toLowerCase()));
}

function toGate(gate: 'manual' | { readonly after: number } | { readonly at: string }): ItemGate {
  if (gate === 'manual') return { kind: 'manual' };
  return 'after' in gate ? { kind: 'after', ms: gate.after } : { kind: 'at', at: gate.at };
}
