import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECK_IDS } from '../../src/audit/catalogue.ts';
import { Lab } from '../support/experiment.ts';
import { finished, startScript } from '../support/processes.ts';
import { Receiver } from '../support/receiver.ts';

describe('faultline audit', () => {
  const lab = new Lab();
  const receiver = new Receiver();
  beforeAll(() => Promise.all([lab.open(), receiver.open()]));
  afterAll(() => Promise.all([lab.close(), receiver.close()]));

  const audit = (text: string, env: Readonly<Record<string, string>> = {}) => {
    writeFileSync(join(lab.folder, 'suite.yaml'), text);
    const options = { cwd: lab.folder, env: { ...process.env, ...env } };
    return finished(startScript('src/cli/main.ts', ['audit', 'suite.yaml'], options));
  };

  test('plays a load, and ends with 0 when all that is mandatory was shown', async () => {
    const optional = CHECK_IDS.filter((check) => check !== 'performance-under-load');
    const { code, stdout } = await audit(`name: quick
optional: { ${optional.map((check) => `${check}: Not here.`).join(', ')} }
load:
  - target: "http://127.0.0.1:${lab.upstreamPort}"
    stages: [{ for: 1500ms, rate: 40 }]
    scenarios: [{ name: read, requests: [{ path: / }] }]
    thresholds: [{ errorRate: "< 50%" }]
`);
    expect(stdout).toMatch(
      /\nverdict: ready\nreport: \.faultline\/audits\/[\w-]+-quick-\w{4}\/audit\.html\n$/,
    );
    expect(code).toBe(0);
    const [id] = readdirSync(join(lab.folder, '.faultline', 'audits'));
    const page = readFileSync(join(lab.folder, '.faultline', 'audits', id!, 'audit.md'), 'utf8');
    expect(page).toContain('own: met errorRate < 50% (0%)');
  });

  test('tells of each of its runs as run does, of its own end once, and leaves a trace of each run', async () => {
    writeFileSync(
      join(lab.folder, 'notify.yaml'),
      'notify: [{ kind: webhook, url: "${HOOK}", secret: "${KEY}" }]\n',
    );
    const fault = '{ proxy: web, type: latency, attributes: { latency: 1 } }';
    const file = lab.experiment(fault);
    const short = readFileSync(file, 'utf8').replace('duration: 2s', 'duration: 500ms');
    writeFileSync(file, short);
    const unhealthy = short.replace('name: lab', 'name: sick').replace('status: 200', 'status: 201');
    writeFileSync(join(lab.folder, 'second.yaml'), unhealthy);
    const { code, stderr } = await audit(
      `name: told\ntitle: Is it told\nexperiments:\n  - { file: experiment.yaml, answers: [failure-modes] }\n  - { file: second.yaml, answers: [failure-modes] }\n`,
      { HOOK: `${receiver.url}/hook`, KEY: 'k', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    );
    expect(stderr).toBe('');
    expect(code).toBe(6);
    expect(receiver.bodies('/hook').map(({ occasion, experiment }) => [occasion, experiment])).toEqual([
      ['start', 'lab'],
      ['end', 'lab'],
      ['start', 'sick'],
      ['end', 'sick'],
      ['audit', undefined],
    ]);
    expect(receiver.bodies('/hook').at(-1)).toMatchObject({
      headline: 'audit Is it told: not shown',
      verdict: 'not-shown',
      exit: 6,
    });
    expect(receiver.bodies('/v1/traces')).toHaveLength(2);
  });
});
