import { isDeepStrictEqual } from 'node:util';
import { FaultlineError } from '../../core/errors.ts';
import { discreetReasonOf } from '../../core/reason.ts';
import { didYouMean } from '../../core/suggest.ts';
import { problemsOf } from '../../schedule/check.ts';
import type { Booked, Schedule, ScheduleBook } from '../../schedule/contract.ts';
import { type ScheduleEntry, scheduleSchema, toSchedule } from '../../schedule/schema.ts';
import type { ScheduleFile } from './file.ts';

/** A schedule, and where it comes from. */
export interface KnownSchedule extends Schedule {
  /** `file`: changed where it stands; `api`: changed over the API. */
  readonly source: 'file' | 'api';
  /** Who made it over the API, or changed it last. */
  readonly by?: string;
}

export interface SchedulesOptions {
  readonly file: ScheduleFile;
  readonly book: ScheduleBook;
  /** Told of all, each time that they change. */
  readonly onChange: (schedules: readonly Schedule[]) => void;
  readonly log: (line: string) => void;
}

/** How often the file and what other controllers have said are read. */
const REFRESH_MS = 3000;

/** The schedules of the file and those made over the API, with what is paused: as they stand now, for every controller. */
export class Schedules {
  readonly #options: SchedulesOptions;
  /** Undefined before the book was read for the first time. */
  #all: readonly KnownSchedule[] | undefined;
  #booked: Booked | undefined;
  #trouble: string | undefined;
  #odd: readonly string[] = [];
  #queue: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /** Those of the file first. */
  all(): readonly KnownSchedule[] {
    return this.#all ?? [];
  }

  /** @throws FaultlineError UNKNOWN_SCHEDULE */
  named(name: string): KnownSchedule {
    const found = this.all().find((one) => one.name === name);
    if (found) return found;
    const names = this.all().map((one) => one.name);
    throw new FaultlineError('UNKNOWN_SCHEDULE', { schedule: name, suggestion: didYouMean(name, names) });
  }

  /** What is not as somebody said it should be, in sentences. */
  get degraded(): readonly string[] {
    return [this.#options.file.problem, this.#trouble, ...this.#odd].filter((one) => one !== undefined);
  }

  /** Reads the file and the book. Never throws; what cannot be read stays as it was, and is said in `degraded`. */
  refresh(): Promise<void> {
    this.#queue = this.#queue.then(() => this.#read());
    return this.#queue;
  }

  /** Goes on reading by itself. */
  async watch(): Promise<void> {
    await this.refresh();
    if (!this.#closed) this.#timer = setTimeout(() => void this.watch(), REFRESH_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#queue;
  }

  /**
   * Makes one, or changes it whole; without `paused` that stays as it is. The entry is right already.
   * @throws FaultlineError SCHEDULE_OF_FILE, SCHEDULES_NOT_KEPT, DATABASE_AWAY
   */
  async put(entry: ScheduleEntry, pausing: boolean | undefined, by: string): Promise<'made' | 'changed'> {
    const { name } = entry;
    this.#mayChange(name);
    const before = this.all().some((one) => one.name === name);
    await this.#keep(async (book) => {
      if (pausing !== undefined) await book.pause(name, pausing);
      await book.put(name, entry, by);
    });
    return before ? 'changed' : 'made';
  }

  /** @throws FaultlineError UNKNOWN_SCHEDULE, SCHEDULE_OF_FILE, SCHEDULES_NOT_KEPT, DATABASE_AWAY */
  async remove(name: string): Promise<void> {
    this.named(name);
    if (!this.#booked?.made.some(({ entry }) => nameOf(entry) === name)) this.#mayChange(name);
    await this.#keep((book) => book.remove(name));
  }

  /** @throws FaultlineError UNKNOWN_SCHEDULE, SCHEDULES_NOT_KEPT, DATABASE_AWAY */
  async pause(name: string, paused: boolean): Promise<void> {
    this.named(name);
    await this.#keep((book) => book.pause(name, paused));
  }

  #mayChange(schedule: string): void {
    const { file } = this.#options;
    if (file.schedules.some(({ name }) => name === schedule))
      throw new FaultlineError('SCHEDULE_OF_FILE', { schedule, file: file.name });
  }

  async #keep(act: (book: ScheduleBook) => Promise<void>): Promise<void> {
    try {
      await act(this.#options.book);
    } catch (error) {
      if (error instanceof FaultlineError) throw error;
      throw new FaultlineError('SCHEDULES_NOT_KEPT', { reason: discreetReasonOf(error) });
    }
    await this.refresh();
  }

  async #read(): Promise<void> {
    const { file, book, log } = this.#options;
    const news = file.look();
    if (news) log(news);
    try {
      this.#booked = await book.read();
      this.#trouble = undefined;
    } catch (error) {
      const until = this.#booked ? 'what was known before goes on' : 'no schedule is played until they can';
      this.#trouble = `the schedules made over the API, and what is paused, cannot be read (${discreetReasonOf(error)}): ${until}`;
    }
    // Without the book nobody knows what is paused.
    if (this.#booked) this.#take(this.#booked);
  }

  #take({ made, paused }: Booked): void {
    const { file, onChange } = this.#options;
    const odd: string[] = [];
    const booked = made.flatMap(({ entry, by }): KnownSchedule[] => {
      const result = scheduleSchema.safeParse(entry);
      const name = nameOf(entry);
      // An experiment that is gone meanwhile is told of each occurrence; a rule that cannot be read has none.
      if (!result.success || problemsOf(result.data, result.data.experiments).length > 0)
        odd.push(`schedule "${name}", which was made over the API, is not played: it is not valid here`);
      else if (file.schedules.some((one) => one.name === name))
        odd.push(
          `schedule "${name}" was made over the API and stands in ${file.name} too, which goes before`,
        );
      else return [{ ...toSchedule(result.data), source: 'api', by }];
      return [];
    });
    const all = [...file.schedules.map((one) => ({ ...one, source: 'file' as const })), ...booked].map(
      (one) => ({
        ...one,
        paused: paused.get(one.name) ?? one.paused,
      }),
    );
    this.#odd = odd;
    if (isDeepStrictEqual(all, this.#all)) return;
    this.#all = all;
    onChange(all);
  }
}

function nameOf(entry: unknown): string {
  return String((entry as { name?: unknown }).name);
}
