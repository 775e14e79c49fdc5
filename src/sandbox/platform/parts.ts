import type pg from 'pg';

/*
 * What the parts of the platform are to each other. A fragile part and its resilient sibling keep the same contract, so
 * that `main.ts` can take one or the other.
 */

export interface Task {
  readonly id: string;
  readonly workspace_id: number;
  readonly title: string;
  /** Of the workspace: `starter`, `team` or `enterprise`. */
  readonly plan: string;
}

export interface Answer {
  readonly content: string;
  readonly finishReason: string | null;
}

export interface Ai {
  /** @throws when there is no answer to be had */
  answer(task: Task): Promise<Answer>;
}

/** `high`: a user waits for it. `low`: background work that can wait. */
export type Urgency = 'high' | 'low';

export interface Database {
  readonly pool: pg.Pool;
  /** Urgency is `high` unless told; not every database heeds it. */
  read<Row extends pg.QueryResultRow>(sql: string, values?: unknown[], urgency?: Urgency): Promise<Row[]>;
  write<T>(work: (client: pg.PoolClient) => Promise<T>, urgency?: Urgency): Promise<T>;
}

/** Context of a task, kept until the task is finished. */
export interface WorkingSet {
  readonly context: Buffer;
}

/** The tasks that this process has begun and not finished. */
export interface Unfinished {
  readonly count: number;
  begin(): WorkingSet;
  /** From here on the working set belongs to a task with an id. */
  name(set: WorkingSet, taskId: string): void;
  drop(set: WorkingSet): void;
  finish(taskId: string): void;
}

export interface Tasks {
  /** The new task's id, or nothing when there is no such workspace. */
  create(workspaceId: number, title: string): Promise<string | undefined>;
  find(id: string): Promise<object | undefined>;
  /** At most so many tasks that nobody has taken yet. */
  take(most: number): Promise<Task[]>;
}

export interface Workspaces {
  find(id: number): Promise<object | undefined>;
}

export interface Registry {
  announce(service: string): Promise<never>;
  count(): Promise<never>;
  /** When the service was last heard of. */
  discover(service: string): Promise<string>;
}

/** Tasks between the database and the workers. */
export interface TaskQueue {
  readonly depth: number;
  /** How many more it takes. */
  readonly room: number;
  put(tasks: readonly Task[]): void;
  next(): Task | undefined;
}

export interface Execution {
  /** Brings a task to its end, a good one or a bad one. Never throws. */
  finish(task: Task): Promise<void>;
}

/** How a task comes to its end in the database. */
export interface Completion {
  /** Stores the deliverable, and the task is done. */
  store(client: pg.PoolClient, task: Task, answer: Answer): Promise<void>;
  /** There is no answer to be had. */
  fail(client: pg.PoolClient, task: Task): Promise<void>;
  /** The database failed on the way. Never throws. */
  broken(task: Task, answer: Answer | undefined): Promise<void>;
}

/** What a cycle of memory consolidation did. */
export interface Consolidated {
  readonly memories: number;
  readonly correlations: number;
  readonly insights: number;
  readonly seconds: number;
  /** Memories left for a later cycle. */
  readonly deferred: number;
  /** Whether every two of the memories taken up were compared. */
  readonly complete: boolean;
}

export interface Consolidation {
  /**
   * @param workspaceId default: all of them together
   * @param factor how many times over each memory is taken, to play an overload
   */
  consolidate(workspaceId?: number, factor?: number): Promise<Consolidated>;
}

export interface Health {
  report(): Promise<{ readonly status: number; readonly body: object }>;
}
