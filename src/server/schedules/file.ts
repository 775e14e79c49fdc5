import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FaultlineErrors } from '../../core/errors.ts';
import { discreetReasonOf } from '../../core/reason.ts';
import type { Schedule } from '../../schedule/contract.ts';
import { loadSchedules } from '../../schedule/load.ts';
import { experimentsOn, type Shelf } from '../runs/experiments.ts';

const SCHEDULES = 'schedules.yaml';

/** The file of schedules, read again when it changes; one that is wrong then leaves those before in force. */
export class ScheduleFile {
  /** As it is named to people. */
  readonly name: string;
  /** What it said when it was last right. */
  schedules: readonly Schedule[] = [];
  /** Why it is not in force as it stands, in a sentence. */
  problem: string | undefined;
  readonly #shelf: Shelf;
  readonly #path: string;
  readonly #required: boolean;
  #text: string | undefined;

  /** @param file by default `schedules.yaml`, where there is one */
  constructor(shelf: Shelf, file: string | undefined) {
    this.#shelf = shelf;
    this.name = file ?? SCHEDULES;
    this.#path = resolve(shelf.cwd, this.name);
    this.#required = file !== undefined;
  }

  /** @throws FaultlineErrors with all that is wrong with it; the system's error for one that is named and not there */
  open(): void {
    if (this.#required || existsSync(this.#path)) this.#load(readFileSync(this.#path, 'utf8'));
  }

  /** Looks whether it has changed. Answers what is to be told of it. */
  look(): string | undefined {
    // One that never was is none; one that vanishes may be in the middle of being written.
    if (this.#text === undefined && !existsSync(this.#path)) return undefined;
    const before = this.problem;
    try {
      const text = readFileSync(this.#path, 'utf8');
      if (text === this.#text && before === undefined) return undefined;
      this.#load(text);
      this.problem = undefined;
      return `${this.name} was read again`;
    } catch (error) {
      this.problem = `${this.name} is not in force as it stands: ${wordsOf(error)} The schedules before go on.`;
      return this.problem === before ? undefined : this.problem;
    }
  }

  #load(text: string): void {
    const experiments = experimentsOn(this.#shelf).map(({ name }) => name);
    this.schedules = loadSchedules({ text, file: this.name, experiments });
    this.#text = text;
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof FaultlineErrors) return error.errors.map(String).join(' ');
  return `it cannot be read (${discreetReasonOf(error)}).`;
}
