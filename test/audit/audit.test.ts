import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Audit, Source } from '../../src/audit/contract.ts';
import { type AuditOptions, type AuditResult, runAudit } from '../../src/audit/run.ts';
import { loadSuite } from '../../src/audit/suite.ts';
import { FaultlineError } from '../../src/core/errors.ts';
import { EXIT } from '../../src/core/verdict.ts';
import { Lab } from '../support/experiment.ts';
import { TYPESCRIPT } from '../support/processes.ts';
import { WeakSystem } from './weak-system.ts';

const HARMLESS = '{ proxy: web, type: latency, attributes: { latency: 5 } }';
const SECRET = 'k-20261121-secret';

describe('an audit of a system with known weaknesses', () => {
  const lab = new Lab();
  const system = new WeakSystem();
  const told: Source[] = [];
  let result: AuditResult;
  let audit: Audit;

  function write(name: string, text: string): string {
    writeFileSync(join(lab.folder, name), text);
    return name;
  }

  function play(file: string, options: Partial<AuditOptions> = {}): Promise<AuditResult> {
    return runAudit({
      suite: loadSuite({ file, cwd: lab.folder }),
      cwd: lab.folder,
      environment: { ADA: 'ada', PATH: process.env.PATH },
      signal: lab.abort.signal,
      dataPlaneExecArgv: TYPESCRIPT,
      ephemeral: true,
      ...options,
    });
  }

  beforeAll(async () => {
    await Promise.all([lab.open(), system.open()]);
    lab.limits('env: [ADA]\n');
    lab.experiment(HARMLESS);
    write('access.log', `GET /orders?token=${SECRET} 200\nGET /orders?token=*** 200\nada logged in\n`);
    const file = write(
      'suite.yaml',
      `name: weak-shop
title: The weak shop
experiments: [{ file: experiment.yaml, answers: [failure-modes, disaster-recovery] }]
checks:
  - name: strangers
    refuses:
      url: "${system.url}"
      routes: [/orders/1, GET /account, GET /invoices/1]
      owner: { headers: { x-user: "\${ADA}" } }
      strangers: [{ who: another customer, headers: { x-user: eve } }]
  - { name: headers, headers: { url: "${system.url}/orders/1" } }
  - { name: log, keys: { files: [access.log], pages: ["${system.url}/export"] } }
  - { name: people, personal: { files: [access.log] } }
  - { name: red, metrics: { url: "${system.url}/metrics" } }
  - { name: truth, health: { url: "${system.url}/health", users: ["${system.url}/checkout"] } }
  - { name: alert-rules, answers: alerting, says: An alert fires., command: { run: [node, -e, "process.exit(3)"], exit: 3 } }
  - name: restored
    answers: backup-restoration
    says: The last backup can be restored.
    severity: critical
    command: { run: [node, -e, "process.exit(1)"] }
  - { name: moved, answers: deployment, http: { url: "${system.url}/elsewhere", status: 200 } }
  - { name: no-such-log, personal: { files: [nowhere.log] } }
attestations:
  - { check: vendor-dependencies, by: Ada, on: 2020-01-01, expires: 2020-12-31, reference: V-1, says: Switched. }
  - { check: data-consistency, by: Ada, on: 2020-01-01, expires: 2999-12-31, reference: D-1, says: Counted. }
`,
    );
    result = await play(file, { onPart: (source) => told.push(source) });
    audit = result.audit;
  });

  afterAll(async () => {
    await Promise.all([lab.close(), system.close()]);
  });

  test('finds exactly these', () => {
    expect(audit.findings.map(({ severity, id }) => `${severity} ${id}`)).toEqual([
      'critical api-security/strangers/orders-1',
      'critical api-security/strangers/get-invoices-1',
      'critical vulnerabilities/log/key-in-url-access-log',
      'critical vulnerabilities/log/key-in-url-export',
      'critical backup-restoration/restored/missed',
      'high observability/truth/silent',
      'high deployment/moved/missed',
    ]);
  });

  test('says who may use what they should not', () => {
    const [orders, invoices] = audit.findings;
    expect(orders!.evidence).toEqual([
      'asked by somebody without credentials it answered 200, where 401 or 403 is due',
    ]);
    expect(invoices!.evidence).toEqual([
      'asked by another customer it answered 200, where 401 or 403 is due',
    ]);
  });

  test('gives each check its state', () => {
    const states = Object.fromEntries(audit.checks.map(({ check, status }) => [check, status]));
    expect(states).toEqual({
      'scalability-limits': 'not assessed',
      'performance-under-load': 'not assessed',
      'memory-leaks': 'not assessed',
      'failure-modes': 'passed',
      'circuit-breakers': 'not assessed',
      'data-consistency': 'attested',
      vulnerabilities: 'failed',
      privacy: 'not assessed',
      'api-security': 'failed',
      observability: 'failed',
      alerting: 'passed',
      deployment: 'failed',
      'disaster-recovery': 'passed',
      'backup-restoration': 'failed',
      'vendor-dependencies': 'not assessed',
    });
  });

  test('says what is right, and what it could not tell', () => {
    const row = (name: string) => audit.checks.find(({ check }) => check === name)!;
    expect(row('api-security').shown).toEqual(
      expect.arrayContaining([
        'strangers: GET /account is refused to somebody without credentials',
        'strangers: GET /account is refused to somebody with a forged credential',
        'strangers: GET /account is refused to another customer',
      ]),
    );
    expect(row('observability').shown).toContain('red: the metrics tell the duration of requests');
    expect(row('privacy').missing).toEqual(['no-such-log: nowhere.log: there is no such file']);
    expect(row('vendor-dependencies').missing).toContain('the attestation of Ada expired on 2020-12-31');
    expect(row('disaster-recovery').shown).toEqual(['lab: held: Readers notice nothing.']);
  });

  test('is not production ready, and ends with 1', () => {
    expect(audit.verdict).toMatchObject({
      word: 'not-ready',
      headline: '5 critical, 2 high findings stand open.',
    });
    expect(result.exit).toBe(EXIT.deviated);
    expect(audit.interrupted).toBeNull();
  });

  test('plays its checks before its experiments', () => {
    const kinds = told.map(({ kind }) => kind);
    expect(kinds).toEqual(['declarations', ...Array(10).fill('check'), 'experiment']);
    expect(audit.parts.map(({ source }) => source.kind)).toEqual(kinds);
    expect(system.asked).not.toContain('GET /file');
  });

  test('writes what it told, with links to its runs, and never what it found', () => {
    const [json, md, page] = ['audit.json', 'audit.md', 'audit.html'].map((name) =>
      readFileSync(join(result.folder, name), 'utf8'),
    );
    expect(JSON.parse(json!)).toEqual(audit);
    for (const text of [json, md, page]) expect(text).not.toContain(SECRET);
    expect(md).toContain('**Not production ready.**');
    expect(page).toContain('<h1>The weak shop</h1>');
    const link = /href="([^"#]*report\.html)"/.exec(page!)![1]!;
    expect(existsSync(join(result.folder, link))).toBe(true);
  });

  test('that is stopped takes back what is in force, and says that it did not end', async () => {
    const stop = new AbortController();
    const file = write(
      'two.yaml',
      'name: two\nexperiments: [{ file: experiment.yaml }, { file: experiment.yaml }]\n',
    );
    const stopped = await play(file, {
      signal: stop.signal,
      onEvent: ({ type }) => type === 'step-applied' && stop.abort({ cause: 'signal', text: 'SIGINT' }),
    });
    expect(stopped.audit.parts.map(({ outcome }) => outcome)).toEqual(['nothing found', 'inconclusive']);
    expect(stopped.audit.interrupted).toBe('stopped by SIGINT');
    expect(stopped.audit.verdict.word).toBe('not-shown');
    expect(stopped.audit.alarms).toEqual([]);
    expect(stopped.exit).toBe(EXIT.deviated);
    expect(await lab.flows()).toBe(false);
  });

  test('asks nobody whom the safety limits do not allow, once it is known where an address leads', async () => {
    const file = write(
      'hidden.yaml',
      'name: hidden\nchecks:\n  - { name: hidden, answers: alerting, http: { url: "${ADA}" } }\n',
    );
    const { audit: found, exit } = await play(file, { environment: { ADA: 'http://192.0.2.1/' } });
    expect(found.parts.at(-1)).toMatchObject({
      outcome: 'not told',
      sentence: expect.stringContaining('not asked: host "192.0.2.1" is public and not allowed'),
    });
    expect(exit).toBe(EXIT.refused);
  });

  test('is refused while a stop file is there, and leaves no record', async () => {
    const folder = join(lab.folder, '.faultline');
    writeFileSync(join(folder, 'STOP'), '');
    await expect(play('hidden.yaml')).rejects.toThrow(FaultlineError);
    await expect(play('hidden.yaml')).rejects.toThrow(/refused before anything was asked/);
  });
});
