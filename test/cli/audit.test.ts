import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECK_IDS } from '../../src/audit/catalogue.ts';
import { Lab } from '../support/experiment.ts';
import { finished, startScript } from '../support/processes.ts';

describe('faultline audit', () => {
  const lab = new Lab();
  beforeAll(() => lab.open());
  afterAll(() => lab.close());

  const audit = (text: string, ...args: string[]) => {
    writeFileSync(join(lab.folder, 'suite.yaml'), text);
    return finished(startScript('src/cli/main.ts', ['audit', 'suite.yaml', ...args], { cwd: lab.folder }));
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
});
