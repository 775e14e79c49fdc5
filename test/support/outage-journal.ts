import type { CountedFault } from '../../src/core/fault.ts';
import { seededUnit } from '../../src/core/hash.ts';
import type { JournalEvent, ProbeWindow } from '../../src/core/journal.ts';
import type { AbortRule } from '../../src/core/limits.ts';
import {
  counted,
  httpProbe,
  JournalBuilder,
  plan,
  planned,
  postgresProbe,
  redisProbe,
  step,
} from './journal-builder.ts';

const T0 = 20_400;
const BREACH = T0 + 41_200;
const EMPTIED = BREACH + 38;
const END = EMPTIED + 26_000;
const BACK = EMPTIED + 12_300;

const faults = [
  planned('1.1', 'openai', 'ai_ttft', 'hold the first token back by 4 s ± 500 ms', 0.6),
  planned('2.1', 'openai', 'ai_error', 'answer 429 rate_limit_exceeded, retry after 5 s', 0.5),
  planned('3.1', 'openai', 'ai_error', 'answer 500 server_error', 1),
];

const RULE: AbortRule = {
  probe: 'read-workspace',
  measure: 'errorRate',
  operator: '>',
  bound: 0.2,
  relative: false,
  forMs: 5000,
  text: 'errorRate > 20% for 5 s',
  source: 'experiment',
};

export const outagePlan = plan({
  source: {
    file: 'experiments/openai-outage-cascade.yaml',
    hash: '9f2c4b1e7d6a0835c2f1e4b7a9d8063f5e2c1b0a7f6d5e4c3b2a190817263544',
    text: experimentText(),
  },
  load: {
    target: 'http://127.0.0.1:3000',
    connections: 20,
    rate: 50,
    requests: [{ method: 'GET', path: '/workspaces/1', headers: {}, weight: 1 }],
  },
  probes: [
    httpProbe('create-task', 'http://127.0.0.1:3000/tasks', {
      expect: { status: 201, errorRate: '< 1%', p95: '< 800ms' },
    }),
    postgresProbe('tasks-pending', "select count(*) from tasks where state = 'pending'", {
      everyMs: 500,
      expect: { value: '< 60' },
    }),
    httpProbe('read-workspace', 'http://127.0.0.1:3000/workspaces/1', {
      expect: { status: 200, errorRate: '< 1%', p95: '< 300ms', vsBaseline: 'p95 < 2x' },
    }),
    httpProbe('health', 'http://127.0.0.1:3000/health', { everyMs: 500, expect: { status: 200 } }),
    postgresProbe('tasks-lost', "select count(*) from tasks where state = 'lost'", {
      everyMs: 500,
      expect: { value: '== 0' },
    }),
    redisProbe('registry', { everyMs: 500, expect: { errorRate: '< 1%', p95: '< 50ms' } }),
  ],
  abortWhen: [
    RULE,
    { ...RULE, probe: '*', bound: 0.9, text: 'errorRate > 90% for 5 s', source: 'safety-limits' },
    { ...RULE, probe: 'tasks-pending', measure: 'value', bound: 400, forMs: 0, text: 'value > 400' },
  ],
  steps: [
    step('slow first token', 15_000, faults[0]!),
    step('rate-limit storm', 15_000, faults[1]!),
    step('dark', 30_000, faults[2]!),
  ],
});

/** An outage as the demo plays it: faults on the AI provider alone, the API's reads down half a minute later. */
export function outageJournal(): JournalEvent[] {
  const journal = new JournalBuilder();
  journal
    .add(0, {
      type: 'run-started',
      run: '20261121-093000-openai-outage-cascade-3f9a',
      plan: outagePlan,
      version: '0.1.0',
      owner: { pid: 4242, startTime: '123456', bootId: 'b' },
      timeScale: '15 min of a real outage are played in 1 min',
    })
    .add(110, {
      type: 'data-plane',
      control: '127.0.0.1:8474',
      instance: 'i1',
      pid: 4243,
      startTime: '123457',
      adopted: false,
      proxies: { openai: '127.0.0.1:4010', postgres: '127.0.0.1:15432', redis: '127.0.0.1:16379' },
    });
  for (const [gate, detail] of [
    ['environment', 'local is allowed'],
    ['targets', 'no target is denied'],
    ['window', 'no window is set'],
    ['kill switch', 'not pulled'],
    ['reach', '1 proxy of 3, toxicity 100% of 100%, 60 s of 30 min'],
  ] as const)
    journal.add(120, { type: 'gate-passed', gate, detail });
  journal.add(200, { type: 'baseline-started' });
  journal.add(T0 - 60, { type: 'baseline', healthy: true, windows: baselineWindows() });

  const counts: readonly CountedFault[] = [
    counted(faults[0]!, 148, 91, { toxicity: 57 }),
    counted(faults[1]!, 402, 203, { toxicity: 199 }),
    counted(faults[2]!, 391, 391),
  ];
  const begins = [T0, T0 + 15_040, T0 + 30_060];
  for (const [index, name] of ['slow first token', 'rate-limit storm', 'dark'].entries()) {
    const at = begins[index]!;
    const epoch = index + 1;
    journal.add(at - 12, { type: 'step-intended', step: index, name, epoch, faults: [faultSpec(index)] });
    journal.add(at, { type: 'step-applied', step: index, epoch });
    const to = begins[index + 1] ?? EMPTIED + 2;
    journal.add(to - 20, { type: 'step-ended', step: index, counts: [counts[index]!], injectedMet: true });
    for (let renewal = at + 3300; renewal < to - 100; renewal += 3300) {
      const share = (renewal - at) / (to - at);
      const { matched, injected } = counts[index]!;
      journal.add(renewal, {
        type: 'renewed',
        epoch,
        faults: [counted(faults[index]!, Math.round(matched * share), Math.round(injected * share))],
      });
    }
  }
  departures(journal);
  samples(journal);
  observations(journal, begins);
  journal
    .add(BREACH, {
      type: 'breach',
      rule: RULE,
      probe: 'read-workspace',
      value: 0.64,
      baseline: 0,
      text: 'read-workspace errorRate was 64% (> 20% for 5 s)',
    })
    .add(BREACH + 1, {
      type: 'rollback-started',
      cause: 'breach',
      reason: 'read-workspace errorRate was 64% (> 20% for 5 s)',
    })
    .add(EMPTIED, { type: 'rollback-emptied', tookMs: 37, previous: [counts[2]!] })
    .add(EMPTIED + 164, {
      type: 'rollback-proof',
      tookMs: 161,
      proof: {
        proven: true,
        empty: true,
        held: 0,
        canaries: [
          { proxy: 'openai', canary: 'GET /', through: '404', direct: '404', same: true },
          { proxy: 'postgres', canary: 'SSLRequest', through: 'N', direct: 'N', same: true },
          { proxy: 'redis', canary: 'PING', through: 'PONG', direct: 'PONG', same: true },
        ],
        notUndone: [],
      },
    })
    .add(END - 300, { type: 'recovery', recovered: true, afterMs: BACK - EMPTIED, windows: afterWindows() })
    .add(END - 200, {
      type: 'load',
      requests: 3121,
      errors: 214,
      timeouts: 188,
      non2xx: 57,
      p50: 41,
      p99: 9870,
    })
    .add(END, {
      type: 'run-ended',
      verdict: 'aborted',
      exit: 3,
      sentence:
        'aborted: read-workspace errorRate was 64% (> 20% for 5 s) 41.2 s after the first fault; rolled back in 37 ms; recovered 12.3 s after that',
    });
  return journal.build();
}

function faultSpec(index: number) {
  const { id, proxy, type } = faults[index]!;
  return { id, proxy, type, toxicity: [0.6, 0.5, 1][index]! };
}

function departures(journal: JournalBuilder): void {
  const left: readonly [number, string, string, number, number][] = [
    [6100, 'create-task', 'p95 < 800ms', 4312, 412],
    [11_400, 'tasks-pending', 'value < 60', 61, 4],
    [19_200, 'create-task', 'errorRate < 1%', 0.06, 0],
    [24_800, 'read-workspace', 'p95 < 2x of baseline', 141, 62],
    [26_300, 'read-workspace', 'p95 < 300ms', 612, 62],
    [33_900, 'read-workspace', 'errorRate < 1%', 0.05, 0],
  ];
  for (const [since, probe, expectation, value, baseline] of left)
    journal.add(T0 + since, { type: 'left-baseline', probe, expectation, value, baseline });
  const returned: readonly [number, string, string][] = [
    [5200, 'read-workspace', 'errorRate < 1%'],
    [6400, 'read-workspace', 'p95 < 300ms'],
    [7100, 'read-workspace', 'p95 < 2x of baseline'],
    [9800, 'create-task', 'p95 < 800ms'],
    [10_100, 'create-task', 'errorRate < 1%'],
    [12_300, 'tasks-pending', 'value < 60'],
  ];
  for (const [since, probe, expectation] of returned)
    journal.add(EMPTIED + since, { type: 'returned', probe, expectation });
}

/** A seeded draw, so that every build of this journal is the same. */
function draw(name: string, at: number): number {
  return seededUnit(7, name, Math.round(at));
}

function around(name: string, at: number, middle: number): number {
  return (
    Math.round(middle * (0.7 + 0.6 * draw(name, at) + (draw(`${name}+`, at) > 0.96 ? 0.9 : 0)) * 10) / 10
  );
}

function samples(journal: JournalBuilder): void {
  const timeout = (probe: string) => ({ probe, ms: 2001, ok: false, reason: 'no answer within 2 s' });
  for (let at = 300; at < END - 2300; at += 250) {
    const since = at - T0;
    const after = at - EMPTIED;
    const badReads = since > 31_000 && after < 4000 ? (after < 0 ? 0.7 : 0.4) : 0;
    if (draw('read', at) < badReads) journal.sample(at, timeout('read-workspace'));
    else {
      const slow = since > 22_000 && after < 6500 ? 40 + Math.min(900, (since - 22_000) / 8) : 40;
      journal.sample(at, { probe: 'read-workspace', ms: around('read', at, slow), ok: true, status: 200 });
    }
    const badTasks = since > 17_000 && after < 8000 ? 0.85 : since > 4000 && after < 0 ? 0.04 : 0;
    if (draw('create', at) < badTasks) {
      const late = draw('how', at) < 0.6;
      journal.sample(
        at,
        late
          ? timeout('create-task')
          : {
              probe: 'create-task',
              ms: around('create', at, 300),
              ok: false,
              status: 503,
              reason: 'status 503',
            },
      );
    } else {
      const slow = since > 1500 && after < 9000 ? 1400 : 280;
      journal.sample(at, {
        probe: 'create-task',
        ms: Math.min(1990, around('create', at, slow)),
        ok: true,
        status: 201,
      });
    }
    if (at % 500 !== 300) continue;
    const grown = since < 2000 ? 0 : after < 0 ? (since - 2000) * 0.0075 : Math.max(0, 294 - after * 0.024);
    journal.sample(at, {
      probe: 'tasks-pending',
      ms: around('pending', at, 4),
      ok: true,
      value: Math.round(3 + grown + 2 * draw('pending', at)),
    });
    journal.sample(at, { probe: 'health', ms: around('health', at, 3), ok: true, status: 200 });
    journal.sample(at, { probe: 'tasks-lost', ms: around('lost', at, 4), ok: true, value: 0 });
    journal.sample(at, { probe: 'registry', ms: around('registry', at, 1.4), ok: true });
  }
}

function observations(journal: JournalBuilder, begins: readonly number[]): void {
  let epoch = 0;
  let units = { openai: 0, postgres: 0, redis: 0 };
  let status: Record<string, { organic: number; injected: number }> = {};
  let retries = 0;
  let last = 0;
  const emit = (at: number) =>
    journal.observation(at, epoch, {
      openai: { units: units.openai, status: structuredClone(status), retries },
      postgres: { units: units.postgres, status: { ok: { organic: units.postgres, injected: 0 } } },
      redis: { units: units.redis, status: { ok: { organic: units.redis, injected: 0 } } },
    });
  for (let at = 500; at < END - 500; at += 1000) {
    const next = begins.filter((begin) => begin <= at).length;
    if (next !== epoch) {
      emit(begins[next - 1]! - 5);
      last = begins[next - 1]!;
      epoch = next;
      units = { openai: 0, postgres: 0, redis: 0 };
      status = {};
      retries = 0;
    }
    const since = at - T0;
    const faulty = at < EMPTIED ? epoch : 0;
    const passed = at - last;
    last = at;
    const calls = Math.round(
      (([10, 11, 28, 35][faulty]! * passed) / 1000) * (0.85 + 0.3 * draw('calls', at)),
    );
    const injected = Math.round(calls * [0, 0.6, 0.5, 1][faulty]!);
    units.openai += calls;
    retries += faulty >= 2 ? Math.round(calls * 0.6) : 0;
    const add = (code: string, organic: number, made: number) => {
      const known = status[code] ?? { organic: 0, injected: 0 };
      status[code] = { organic: known.organic + organic, injected: known.injected + made };
    };
    add('200', calls - injected, faulty === 1 ? injected : 0);
    if (faulty === 2) add('429', 0, injected);
    if (faulty === 3) add('500', 0, injected);
    if (faulty === 3 && draw('broken', at) < 0.3) add('error', 1, 0);
    const stalled = since > 24_000 && at < EMPTIED + 4000;
    units.postgres += Math.round((stalled ? 22 : 180) * (0.9 + 0.2 * draw('pg', at)) * (passed / 1000));
    units.redis += Math.round((stalled ? 70 : 92) * (0.9 + 0.2 * draw('redis', at)) * (passed / 1000));
    emit(at);
  }
}

function baselineWindows(): ProbeWindow[] {
  return [
    window('create-task', 80, { status: 201, errorRate: 0, p50: 281, p95: 412, p99: 498, max: 512 }),
    window('tasks-pending', 40, { value: 4, errorRate: 0, p50: 4, p95: 6, p99: 7, max: 7 }),
    window('read-workspace', 80, { status: 200, errorRate: 0, p50: 40, p95: 62, p99: 81, max: 88 }),
    window('health', 40, { status: 200, errorRate: 0, p50: 3, p95: 5, p99: 6, max: 6 }),
    window('tasks-lost', 40, { value: 0, errorRate: 0, p50: 4, p95: 6, p99: 7, max: 7 }),
    window('registry', 40, { errorRate: 0, p50: 1.4, p95: 2, p99: 3, max: 3 }),
  ];
}

function afterWindows(): ProbeWindow[] {
  return [
    window('create-task', 40, { status: 201, errorRate: 0, p50: 284, p95: 431, p99: 502, max: 515 }),
    window('tasks-pending', 20, { value: 5, errorRate: 0, p50: 4, p95: 6, p99: 7, max: 7 }),
    window('read-workspace', 40, { status: 200, errorRate: 0, p50: 41, p95: 64, p99: 79, max: 83 }),
    window('health', 20, { status: 200, errorRate: 0, p50: 3, p95: 5, p99: 6, max: 6 }),
    window('tasks-lost', 20, { value: 0, errorRate: 0, p50: 4, p95: 6, p99: 7, max: 7 }),
    window('registry', 20, { errorRate: 0, p50: 1.4, p95: 2, p99: 3, max: 3 }),
  ];
}

function window(probe: string, count: number, measures: ProbeWindow['measures']): ProbeWindow {
  return { probe, samples: count, measures, missed: [] };
}

function experimentText(): string {
  return `name: openai-outage-cascade
title: OpenAI goes dark
hypothesis: Workspaces stay readable and no task is lost while OpenAI is down.
tags: [game-day, ai]
seed: 42

steadyState:
  baseline: 20s
  probes:
    - name: read-workspace
      http: { url: "http://127.0.0.1:3000/workspaces/1" }
      every: 250ms
      timeout: 2s
      expect: { status: 200, errorRate: "< 1%", p95: "< 300ms", vsBaseline: "p95 < 2x" }
    - name: tasks-lost
      postgres: { url: "\${DATABASE_URL}", query: "select count(*) from tasks where state = 'lost'" }
      expect: { value: "== 0" }

abortWhen:
  - { probe: read-workspace, errorRate: "> 20%", for: 5s }

steps:
  - name: slow first token
    duration: 15s
    faults:
      - { proxy: openai, type: ai_ttft, toxicity: 60%, attributes: { latency: 4s, jitter: 500ms } }
  - name: rate-limit storm
    duration: 15s
    faults:
      - { proxy: openai, type: ai_error, toxicity: 50%, attributes: { kind: rate_limit, retryAfter: 5s } }
  - name: dark
    duration: 30s
    faults:
      - { proxy: openai, type: ai_error, attributes: { kind: server_error } }

recovery: { within: 60s }
`;
}
