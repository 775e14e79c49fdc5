import { describe, expect, test } from 'vitest';
import { FaultlineErrors } from '../../src/core/errors.ts';
import { DEFAULT_LIMITS } from '../../src/safety/limits/defaults.ts';
import { loadLimits, parseLimits } from '../../src/safety/limits/index.ts';
import { withFiles } from '../support/experiment-files.ts';

function complaints(text: string): string {
  try {
    parseLimits(text, 'limits.yaml');
  } catch (error) {
    if (error instanceof FaultlineErrors) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('safety limits that cannot be', () => {
  test.each([
    [
      'a share above all',
      'reach: { toxicity: 120% }',
      '1:20: reach.toxicity: "120%" is not a share: write it as 25% or as a number from 0 to 1.',
    ],
    [
      'an unknown limit',
      'reach: { proxys: 3 }',
      '1:10: Unknown key "proxys" in reach. Did you mean "proxies"?',
    ],
    [
      'a time without its zero',
      'windows: [{ from: 9:00, to: 17:00 }]',
      '1:19: windows[0].from: "9:00" is not a time: write it as 09:00.',
    ],
    [
      'an hour that no clock shows',
      'windows: [{ from: 09:00, to: 25:00 }]',
      '1:30: windows[0].to: "25:00" is not a time: write it as 09:00.',
    ],
    [
      'an unknown day',
      'windows: [{ days: mon-fry, from: 09:00, to: 17:00 }]',
      '1:19: windows[0].days: "mon-fry" does not name days: write mon-fri, or sat,sun.',
    ],
    [
      'an unknown zone',
      'windows: [{ from: 09:00, to: 17:00, zone: Europe/Roma }]',
      '1:43: windows[0].zone: "Europe/Roma" is not a time zone: write it as Europe/Rome or UTC.',
    ],
    [
      'a day that no calendar has',
      'freezes: [{ from: 2026-02-30, to: 2026-03-01 }]',
      '1:19: freezes[0].from: "2026-02-30" is not a day: write it as 2026-12-20.',
    ],
    [
      'a freeze that ends before it begins',
      'freezes: [{ from: 2026-03-02, to: 2026-03-01 }]',
      '1:35: freezes[0].to: a freeze cannot end before it begins.',
    ],
    [
      'a lease longer than data planes grant',
      'monitor: { lease: 10m }',
      '1:19: monitor.lease: a lease is 1 s to 5 min.',
    ],
    [
      'a lease too short to renew',
      'monitor: { lease: 500ms }',
      '1:19: monitor.lease: "500ms" is too short: give at least 1000 ms.',
    ],
    [
      'no chance of a false abort',
      'monitor: { falseAbort: 0 }',
      '1:24: monitor.falseAbort: give a share between 0% and 100%, such as 0.1%.',
    ],
    [
      'a tolerance of less than nothing',
      'monitor: { tolerate: { latency: 0.5x } }',
      '1:33: monitor.tolerate.latency: "0.5x" is not a factor from 1x to 1000x: write it as 1.5x.',
    ],
    [
      'a target with a scheme',
      'targets: { allow: ["https://api.openai.com"] }',
      '1:20: targets.allow[0]: "https://api.openai.com" can match no host: write a glob without scheme, port and path, such as *.staging.example, or a network such as 10.0.0.0/8.',
    ],
    [
      'a target with a port',
      'targets: { deny: ["*.prod.example", "db:5432"] }',
      '1:37: targets.deny[1]: "db:5432" can match no host: write a glob without scheme, port and path, such as *.staging.example, or a network such as 10.0.0.0/8.',
    ],
    [
      'a network too wide for its address',
      'targets: { deny: [10.0.0.0/40] }',
      '1:19: targets.deny[0]: "10.0.0.0/40" can match no host: write a glob without scheme, port and path, such as *.staging.example, or a network such as 10.0.0.0/8.',
    ],
    [
      'an exempt client that is a name',
      'exempt: { clients: [10.0.0.0/8, build-host] }',
      '1:33: exempt.clients[1]: "build-host" is no address: write it as 10.1.2.3, or a network as 10.0.0.0/8.',
    ],
    [
      'an exempt header with a blank',
      'exempt: { headers: { "x pass": "*" } }',
      '1:32: exempt.headers."x pass": "x pass" is no name of a header.',
    ],
    [
      'an exempt header that nothing can match',
      'exempt: { headers: { x-pass: "" } }',
      '1:30: "***" is not valid for exempt.headers.x-pass: expected a text that is not empty.',
    ],
    [
      'a window that ends in the minute in which it begins',
      'windows: [{ from: 09:00, to: 09:00 }]',
      '1:30: windows[0].to: a window cannot end in the minute in which it begins: write 00:00 and 24:00 for a whole day.',
    ],
    [
      'approvals above no reach',
      'approvals: { above: {} }',
      '1:21: approvals.above: names no reach, so that nothing would need approval.',
    ],
    [
      'approvals by how many run at once, which no experiment says of itself',
      'approvals: { above: { runs: 1 } }',
      '1:21: approvals.above: names no reach, so that nothing would need approval.\nlimits.yaml:1:23: Unknown key "runs" in approvals.above.',
    ],
    [
      'approval by nobody',
      'approvals: { above: { toxicity: 50% }, by: 0 }',
      '1:44: "0" is not valid for approvals.by: expected at least 1.',
    ],
    [
      'an amplification below one',
      'spend: { retryAmplification: 0.5 }',
      '1:30: "0.5" is not valid for spend.retryAmplification: expected at least 1.',
    ],
    [
      'half a request',
      'spend: { extraRequests: 0.5 }',
      '1:25: "0.5" is not valid for spend.extraRequests: expected a whole number.',
    ],
    [
      'no proxies at once',
      'reach: { proxies: 0 }',
      '1:19: "0" is not valid for reach.proxies: expected at least 1.',
    ],
    [
      'half a connection',
      'reach: { connections: 1.5 }',
      '1:23: "1.5" is not valid for reach.connections: expected a whole number.',
    ],
    [
      'no request a second',
      'reach: { requestsPerSecond: 0 }',
      '1:29: "0" is not valid for reach.requestsPerSecond: expected more than 0.',
    ],
    [
      'a delay that is no time',
      'reach: { addedLatency: soon }',
      '1:24: reach.addedLatency: "soon" is not a duration: write it as 250ms, 4s, 2m or 1h, or as a bare number.',
    ],
    [
      'a duration below none',
      'reach: { duration: -5s }',
      '1:20: reach.duration: "-5s" is not a duration: write it as 250ms, 4s, 2m or 1h, or as a bare number.',
    ],
    ['no run at once', 'reach: { runs: 0 }', '1:16: "0" is not valid for reach.runs: expected at least 1.'],
    ['an environment without a name', 'environment: { allowed: [local] }', '1:14: environment needs "name".'],
    [
      'a nameless environment',
      'environment: { name: "" }',
      '1:22: "" is not valid for environment.name: expected a text that is not empty.',
    ],
    [
      'a stop file without a path',
      'stopFile: ""',
      '1:11: "" is not valid for stopFile: expected a text that is not empty.',
    ],
    [
      'another answer to the loss of the monitor',
      'monitor: { onMonitorLoss: ignore }',
      '1:27: "ignore" is not valid for monitor.onMonitorLoss: expected rollback.',
    ],
    [
      'a variable with its dollar',
      'env: ["$TOKEN"]',
      '1:7: "$TOKEN" is not valid for env[0]: expected the name of a variable.',
    ],
    [
      'another answer to a missing sample',
      'monitor: { onMissing: ignore }',
      '1:23: "ignore" is not valid for monitor.onMissing: expected one of abort, inconclusive.',
    ],
    [
      'a rule without a measure',
      'abortWhen: [{ probe: a, for: 5s }]',
      '1:13: abortWhen[0]: names no measure: give one of errorRate, value, p50, p95, p99, max, vsBaseline or slo.',
    ],
    [
      'a variable with a dollar',
      'env: ["${HOME}"]',
      '1:7: "${HOME}" is not valid for env[0]: expected the name of a variable.',
    ],
  ])('are refused: %s', (_, text, sentence) => {
    expect(complaints(text)).toBe(`limits.yaml:${sentence}`);
  });
});

describe('safety limits', () => {
  test('are read with their units', () => {
    const limits = parseLimits(
      `reach: { toxicity: 50%, addedLatency: 10s, duration: 30m }
abortWhen: [{ p95: "> 2s", for: 5s }, { probe: a, vsBaseline: "p95 > 3x" }]
approvals: { above: { toxicity: 20%, duration: 1m }, by: 2 }
spend: { retryAmplification: 3 }`,
      'limits.yaml',
    );
    expect(limits.reach).toEqual({
      ...DEFAULT_LIMITS.reach,
      toxicity: 0.5,
      addedLatencyMs: 10_000,
      durationMs: 1_800_000,
    });
    expect(limits.abortWhen).toEqual([
      {
        probe: '*',
        measure: 'p95',
        operator: '>',
        bound: 2000,
        relative: false,
        forMs: 5000,
        text: 'p95 > 2s for 5 s',
        source: 'safety-limits',
      },
      {
        probe: 'a',
        measure: 'p95',
        operator: '>',
        bound: 3,
        relative: true,
        forMs: 0,
        text: 'p95 > 3x of baseline',
        source: 'safety-limits',
      },
    ]);
    expect(limits.approvals).toEqual({ above: { toxicity: 0.2, durationMs: 60_000 }, by: 2 });
    expect(limits.spend).toEqual({ retryAmplification: 3 });
  });

  test('that a file leaves out are as the built-in ones', () => {
    expect(parseLimits('environment: { name: local }', 'limits.yaml')).toEqual({
      ...DEFAULT_LIMITS,
      file: 'limits.yaml',
    });
  });

  test('may leave aborting to the experiments, by an empty list', () => {
    expect(parseLimits('abortWhen: []', 'limits.yaml').abortWhen).toEqual([]);
  });

  test('are found beside a folder, above it, then in the current one', () => {
    const files = {
      'a/safety-limits.yaml': 'environment: { name: a }',
      'a/b/c/x': '',
      'here/safety-limits.yaml': 'environment: { name: here }',
      'named.yaml': 'environment: { name: named }',
    };
    withFiles(files, (root) => {
      const cwd = `${root}/here`;
      const nameOf = (options: Parameters<typeof loadLimits>[0]) => loadLimits(options).environment.name;
      expect(nameOf({ folder: `${root}/a/b/c`, cwd })).toBe('a');
      expect(nameOf({ folder: `${root}/a`, cwd })).toBe('a');
      expect(nameOf({ folder: root, cwd })).toBe('here');
      expect(nameOf({ folder: `${root}/a`, cwd, file: '../named.yaml' })).toBe('named');
    });
  });

  test('that are named and not there are an error, not the built-in ones', () => {
    expect(() => loadLimits({ file: '/nowhere/limits.yaml' })).toThrow(
      'Cannot read /nowhere/limits.yaml: there is no such file.',
    );
  });
});

describe('the test of health against the baseline', () => {
  const monitor = (text: string) => parseLimits(`monitor: ${text}`, 'l.yaml').monitor;

  test('is in force unless it is turned off by name', () => {
    expect(monitor('{ lease: 5s }')).toMatchObject({
      falseAbort: 0.001,
      tolerate: { errorRate: 1.25, latency: 1.25 },
    });
    expect(monitor('{ falseAbort: 1% }').falseAbort).toBe(0.01);
    expect(monitor('{ falseAbort: off }').falseAbort).toBe(0);
  });

  test('tolerates what the limits say, and as ever what they leave out', () => {
    expect(monitor('{ tolerate: { errorRate: 3x } }').tolerate).toEqual({ errorRate: 3, latency: 1.25 });
  });
});
