export const AREAS = {
  scalability: 'Scalability and performance',
  resilience: 'Reliability and resilience',
  security: 'Security and compliance',
  operations: 'Operations and monitoring',
  continuity: 'Continuity',
} as const;
export type Area = keyof typeof AREAS;

/** The plan's phases, two weeks each. */
export const PHASES = [
  { id: 'stability', title: 'Security and stability' },
  { id: 'performance', title: 'Scalability and performance' },
  { id: 'operations', title: 'Observability and operations' },
  { id: 'validation', title: 'Load testing and validation' },
] as const;
export type PhaseId = (typeof PHASES)[number]['id'];

type LessonRole = 'settles' | 'adds' | 'praises';

interface CheckFacts {
  readonly area: Area;
  readonly title: string;
  readonly question: string;
  /** Phase in which what it finds is mended. */
  readonly phase: Exclude<PhaseId, 'validation'>;
  /** What would assess it, for a suite that does not. */
  readonly assessedBy: string;
  /**
   * Detectors of lessons whose claims are findings of this check. One that `settles` and could tell, whatever it told, has
   * assessed the check; one that only `praises` says nothing where it finds nothing to praise.
   */
  readonly lessons: Readonly<Record<string, LessonRole>>;
}

/** The fifteen checks of a production-readiness audit. */
const TABLE = {
  'scalability-limits': {
    area: 'scalability',
    title: 'Scalability limits',
    question: 'Is it known where the system breaks, and does it break gracefully?',
    phase: 'performance',
    assessedBy: 'the load profiles "stress" and "spike", or an experiment that answers it',
    lessons: { 'pool-exhausted': 'adds' },
  },
  'performance-under-load': {
    area: 'scalability',
    title: 'Performance under load',
    question: 'Are users answered in time when all of them are there?',
    phase: 'performance',
    assessedBy: 'the load profiles "baseline", "normal-day", "peak-hours" and "deadline"',
    lessons: { 'cache-stampede': 'adds' },
  },
  'memory-leaks': {
    area: 'scalability',
    title: 'Memory leaks',
    question: 'Does what it takes up stay bounded over time?',
    phase: 'performance',
    assessedBy: 'the load profile "soak", or an experiment with a probe of memory or of open connections',
    lessons: { 'unbounded-growth': 'settles', 'leaked-connections': 'settles' },
  },
  'failure-modes': {
    area: 'resilience',
    title: 'Failure modes',
    question: 'Is what happens when a dependency fails known, bounded and recovered from?',
    phase: 'stability',
    assessedBy: 'an experiment on each dependency',
    lessons: {
      'no-timeout': 'settles',
      'hanging-calls': 'settles',
      cascade: 'settles',
      recovery: 'settles',
      metastable: 'adds',
      crashed: 'adds',
      'near-limit': 'adds',
      contained: 'praises',
      'graceful-degradation': 'praises',
    },
  },
  'circuit-breakers': {
    area: 'resilience',
    title: 'Circuit breakers and retries',
    question: 'Do clients leave a failing dependency alone?',
    phase: 'stability',
    assessedBy: 'an experiment in which an AI provider or another HTTP dependency goes dark behind a proxy',
    lessons: {
      'no-breaker': 'settles',
      'retry-storm': 'adds',
      'no-backoff': 'adds',
      'no-jitter': 'adds',
      'breaker-opened': 'praises',
    },
  },
  'data-consistency': {
    area: 'resilience',
    title: 'Data consistency',
    question: 'Is nothing lost, doubled or half written when things fail?',
    phase: 'stability',
    assessedBy: 'an experiment with an invariant probe: a query that counts what is lost and expects "== 0"',
    lessons: { 'data-lost': 'settles', 'truncated-accepted': 'adds' },
  },
  vulnerabilities: {
    area: 'security',
    title: 'Vulnerabilities',
    question:
      'Are there known holes: keys in URLs or logs, plain HTTP, missing headers, known weak packages?',
    phase: 'stability',
    assessedBy: 'a check "headers" or "keys", or a "command" such as an audit of the dependencies',
    lessons: {},
  },
  privacy: {
    area: 'security',
    title: 'Privacy',
    question: 'Does personal data stay where it belongs?',
    phase: 'stability',
    assessedBy: 'a check "personal" over logs and public pages',
    lessons: {},
  },
  'api-security': {
    area: 'security',
    title: 'API security',
    question: 'Is every route refused to those who may not use it?',
    phase: 'stability',
    assessedBy: 'a check "refuses" that lists the routes',
    lessons: {},
  },
  observability: {
    area: 'operations',
    title: 'Observability',
    question: 'Can operators see rate, errors and duration, and what users feel?',
    phase: 'operations',
    assessedBy: 'a check "metrics", and an experiment with a probe of the health endpoint',
    lessons: { 'silent-health': 'settles' },
  },
  alerting: {
    area: 'operations',
    title: 'Alerting',
    question: 'Is somebody told when users suffer?',
    phase: 'operations',
    assessedBy:
      'a check "prometheus" or "command" that counts alert rules or fires one, an experiment with a probe of the alerts, or an attestation',
    lessons: { 'silent-alerts': 'settles' },
  },
  deployment: {
    area: 'operations',
    title: 'Deployment',
    question: 'Can a version be brought out, and taken back, without an outage?',
    phase: 'operations',
    assessedBy: 'a check "command" that deploys and takes back on staging, or an attestation',
    lessons: {},
  },
  'disaster-recovery': {
    area: 'continuity',
    title: 'Disaster recovery',
    question: 'Is the system back in time after losing a site or a database?',
    phase: 'operations',
    assessedBy: 'an experiment that answers it, such as a database failover, or an attestation',
    lessons: {},
  },
  'backup-restoration': {
    area: 'continuity',
    title: 'Backup restoration',
    question: 'Has a backup been restored, whole and in time?',
    phase: 'operations',
    assessedBy: 'a check "command" that restores the last backup and looks at it, or an attestation',
    lessons: {},
  },
  'vendor-dependencies': {
    area: 'continuity',
    title: 'Vendor dependencies',
    question: 'Does the system live on when a provider is slow, limits it, or is gone?',
    phase: 'stability',
    assessedBy: 'an experiment on each provider',
    lessons: {
      'no-fallback': 'settles',
      'retry-after-ignored': 'adds',
      'fallback-worked': 'praises',
      'retry-after-kept': 'praises',
    },
  },
} as const satisfies Record<string, CheckFacts>;

export type CheckId = keyof typeof TABLE;
export const CHECKS: Readonly<Record<CheckId, CheckFacts>> = TABLE;
export const CHECK_IDS = Object.keys(TABLE) as readonly CheckId[];

/** Checks that the lesson of a detector belongs to. */
export function checkOfLesson(lesson: string): CheckId {
  // A lesson that nobody has placed yet is about what a failure did.
  return CHECK_IDS.find((check) => lesson in CHECKS[check].lessons) ?? 'failure-modes';
}
