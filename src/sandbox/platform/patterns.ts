/** What the platform can do against an outage, each part by itself; what it does without is the fragile build. */
export const PATTERNS = {
  timeouts: 'AI calls, waits for the database and Redis commands end after a time',
  breaker: 'a circuit breaker stops asking an AI provider that fails',
  backoff: 'a failed AI call is tried again a few times, after waits that double',
  jitter: 'waits are spread at random, so that callers do not come back together',
  'retry-after': 'a wait is as long as the AI provider asked for',
  'stream-check': 'an answer without its finish reason counts as failed',
  fallback: 'degrades in four levels and answers by rules where the AI fails',
  'bounded-queue': 'a bounded priority queue pushes back before it is full',
  quality: 'lowers the quality of its work, reversibly, while under pressure',
  'deep-health': '/health says what users feel',
  containment: 'an unexpected error ends one task, and not the process',
  'short-transactions': 'no database connection is held while the AI is asked',
  pool: 'a pool of database connections that grows, with overflow and back-pressure',
  release: 'a database connection goes back on every path',
  'object-pool': 'working sets of tasks come from a pool with a cap',
  shedding: 'work is paused or refused by its priority under overload',
  prediction: 'prepares for load that a forecast sees coming',
  'consolidation-cap': 'memory consolidation takes up a limited number of patterns a cycle',
  'discovery-cache': 'a service is found at its last known address when the registry fails',
  'single-flight': 'one caller reloads what all miss, and the others get the stale value meanwhile',
  requeue: 'an unfinished task goes back into the queue and is finished exactly once',
  encryption: 'provider keys are stored encrypted, field by field',
  access: 'a workspace is read only by its owner',
  'audit-log': 'who did what is recorded, without sensitive data',
} as const;

export type PatternName = keyof typeof PATTERNS;

/** Names in the order of the list. */
export const PATTERN_NAMES = Object.keys(PATTERNS) as readonly PatternName[];

/**
 * Reads `none`, `all` or names with commas between them; `-name` takes one out again, so `all,-breaker` is all but one.
 * @throws Error that quotes an unknown name and suggests a known one
 */
export function parsePatterns(text: string): ReadonlySet<PatternName> {
  const words = text.split(',').map((word) => word.trim());
  const taken = new Set<PatternName>();
  for (const word of words.filter(Boolean)) {
    if (word === 'none') continue;
    if (word === 'all') for (const name of PATTERN_NAMES) taken.add(name);
    else if (word.startsWith('-')) taken.delete(known(word.slice(1)));
    else taken.add(known(word));
  }
  return taken;
}

function known(word: string): PatternName {
  const name = PATTERN_NAMES.find((one) => one === word);
  if (name) return name;
  const nearest = PATTERN_NAMES.toSorted((a, b) => likeness(word, b) - likeness(word, a))[0]!;
  const hint = likeness(word, nearest) >= 0.4 ? ` Did you mean "${nearest}"?` : '';
  throw new Error(
    `RESILIENCE names "${word}", which is no pattern.${hint} Known: ${PATTERN_NAMES.join(', ')}.`,
  );
}

/** Share of the pairs of letters that two words have in common, 0 to 1 (Dice's coefficient). */
function likeness(left: string, right: string): number {
  const pairs = (word: string) => Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2));
  const [ours, theirs] = [pairs(left.toLowerCase()), pairs(right)];
  const shared = ours.filter((pair) => theirs.includes(pair)).length;
  return (2 * shared) / Math.max(1, ours.length + theirs.length);
}
