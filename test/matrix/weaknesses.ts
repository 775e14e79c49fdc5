/** A lesson that is true of a weakness without being what its experiment is about. */
export interface Consequence {
  readonly id: string;
  readonly because: string;
}

/** What the sandbox lacks, the experiment that shows it, and the lessons that a run of it must state. */
export interface Weakness {
  readonly name: string;
  /** Patterns that are taken out of the resilient build; none is the whole of it, as a control. */
  readonly without: readonly string[];
  readonly experiment: string;
  /** Ids of lessons; empty for a control. */
  readonly expected: readonly string[];
  readonly alsoAllowed: readonly Consequence[];
  /** Good lessons that would be false. */
  readonly contradicted: readonly string[];
}

/** What every run may say. */
export const EVERYWHERE: readonly Consequence[] = [
  { id: 'near-limit', because: 'it speaks of the margin of the run, and not of a weakness' },
];

function lacks(
  pattern: string | readonly string[],
  experiment: string,
  expected: readonly string[],
  rest: Partial<Pick<Weakness, 'alsoAllowed' | 'contradicted'>> = {},
): Weakness {
  const without = typeof pattern === 'string' ? [pattern] : pattern;
  return {
    name: without.join(', '),
    without,
    experiment,
    expected,
    alsoAllowed: [],
    contradicted: [],
    ...rest,
  };
}

function control(experiment: string, alsoAllowed: readonly Consequence[] = []): Weakness {
  return {
    name: 'none (control)',
    without: [],
    experiment,
    expected: [],
    alsoAllowed,
    contradicted: [],
  };
}

const WITHOUT_A_DATABASE: readonly Consequence[] = [
  { id: 'cascade', because: 'what users ask of the cache ends where the database is asked for the rest' },
];
const WHILE_COMPUTING = 'while a cycle is computed nothing else happens in the process';
const LOST_PLACES = 'each lost connection is one less for those who wait';

/**
 * Weakness by weakness, by what a build lacks and not by what a run says. A pattern that others stand in for is not here by itself: work is bounded
 * by the queue, by shedding and by the levels of degradation, so the three are taken out together.
 */
export const WEAKNESSES: readonly Weakness[] = [
  lacks('timeouts', 'stream-stall', ['no-timeout']),
  lacks('breaker', 'rate-limit-storm', ['no-breaker'], {
    alsoAllowed: [{ id: 'retry-storm', because: 'the attempts of every task reach the failing provider' }],
    contradicted: ['breaker-opened'],
  }),
  lacks('backoff', 'rate-limit-storm', ['no-backoff'], {
    alsoAllowed: [{ id: 'retry-storm', because: 'without back-off a call is repeated ten times a second' }],
  }),
  lacks('jitter', 'rate-limit-storm', ['no-jitter']),
  lacks('retry-after', 'rate-limit-storm', ['retry-after-ignored'], { contradicted: ['retry-after-kept'] }),
  lacks('stream-check', 'stream-stall', ['truncated-accepted'], {
    alsoAllowed: [
      { id: 'data-lost', because: 'half deliverables are stored as whole, which an invariant counts' },
      { id: 'recovery', because: 'half deliverables stay where they are, and the invariant broken' },
    ],
  }),
  lacks('fallback', 'openai-outage-cascade', ['no-fallback'], {
    alsoAllowed: [
      { id: 'unbounded-growth', because: 'tasks that nobody can finish stay in memory' },
      {
        id: 'silent-health',
        because: 'that no task is finished is seen later by the health endpoint than by a count',
      },
    ],
    contradicted: ['fallback-worked'],
  }),
  lacks(['bounded-queue', 'shedding', 'fallback'], 'load-spike', ['unbounded-growth']),
  lacks('deep-health', 'database-failover', ['silent-health'], { alsoAllowed: WITHOUT_A_DATABASE }),
  lacks('containment', 'stream-stall', ['crashed'], {
    alsoAllowed: [
      { id: 'recovery', because: 'a process that has just started needs its time' },
      { id: 'retry-storm', because: 'unfinished tasks are asked for again after each start' },
    ],
  }),
  lacks('release', 'database-connection-loss', ['leaked-connections'], {
    alsoAllowed: [
      { id: 'pool-exhausted', because: LOST_PLACES },
      { id: 'hanging-calls', because: LOST_PLACES },
      { id: 'unbounded-growth', because: 'those who wait for a connection become more and more' },
      { id: 'recovery', because: 'a lost place does not come back' },
      { id: 'metastable', because: 'it stays so with the cause gone' },
    ],
  }),
  lacks('single-flight', 'cache-stampede', ['cache-stampede']),
  lacks('requeue', 'database-connection-loss', ['data-lost'], {
    alsoAllowed: [{ id: 'recovery', because: 'what is lost does not come back' }],
  }),
  lacks('consolidation-cap', 'memory-system-overload', ['hanging-calls'], {
    alsoAllowed: [
      { id: 'cascade', because: WHILE_COMPUTING },
      { id: 'pool-exhausted', because: WHILE_COMPUTING },
      { id: 'silent-health', because: WHILE_COMPUTING },
      { id: 'recovery', because: 'cycles that were asked for go on after the load' },
      { id: 'metastable', because: 'cycles that were asked for go on after the load' },
    ],
  }),
  lacks('discovery-cache', 'service-discovery-failure', ['hanging-calls'], {
    alsoAllowed: [
      { id: 'silent-health', because: 'the health endpoint has its own way to the orchestrator' },
      { id: 'no-fallback', because: 'there is nothing to take in place of the registry' },
      { id: 'retry-storm', because: 'whoever waits asks the registry four times a second' },
    ],
  }),

  control('service-discovery-failure'),
  control('stream-stall'),
  control('rate-limit-storm'),
  control('openai-outage-cascade'),
  control('load-spike'),
  control('database-failover', WITHOUT_A_DATABASE),
  control('database-connection-loss'),
  control('cache-stampede'),
  control('memory-system-overload'),
];
