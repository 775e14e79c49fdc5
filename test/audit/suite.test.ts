import { describe, expect, test } from 'vitest';
import { loadSuite } from '../../src/audit/suite.ts';
import { FaultlineErrors } from '../../src/core/errors.ts';
import { experiment, withFiles } from '../support/experiment-files.ts';

function complaints(suite: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  return withFiles({ 'suite.yaml': suite, ...files }, (cwd) => {
    try {
      loadSuite({ file: 'suite.yaml', cwd });
    } catch (error) {
      if (error instanceof FaultlineErrors) return error.message.split('\n');
      throw error;
    }
    return [];
  });
}

const LIMITS = { 'safety-limits.yaml': 'env: [TOKEN]\ntargets: { allow: [], deny: ["*.prod"] }\n' };

describe('a suite', () => {
  test('is read with its experiments, their plans and its checks', () => {
    const text = `name: shop
experiments: [{ file: slow.yaml, answers: [disaster-recovery] }]
checks:
  - { name: routes, refuses: { url: "http://127.0.0.1:3000", routes: ["GET /orders/1"] } }
  - { name: backup, answers: backup-restoration, command: { run: ["true"] } }
`;
    withFiles({ 'suite.yaml': text, 'slow.yaml': experiment() }, (cwd) => {
      const suite = loadSuite({ file: 'suite.yaml', cwd });
      expect(suite.experiments.map(({ plan, answers }) => [plan.name, answers])).toEqual([
        ['slow-redis', ['disaster-recovery']],
      ]);
      expect(suite.checks.map(({ name, kind, answers }) => [name, kind, answers])).toEqual([
        ['routes', 'refuses', 'api-security'],
        ['backup', 'command', 'backup-restoration'],
      ]);
    });
  });

  test.each([
    [
      'an unknown key',
      'name: shop\nchekcs: []\n',
      'suite.yaml:2:1: Unknown key "chekcs" in the file. Did you mean "checks"?',
    ],
    [
      'an unknown check of the fifteen',
      'name: shop\noptional: { backups: none }\n',
      'suite.yaml:2:13: Unknown key "backups" in optional.',
    ],
    [
      'a check without a kind',
      'name: shop\nchecks:\n  - name: nothing\n',
      'suite.yaml:3:5: checks[0]: check "nothing" says nothing to check: give one of refuses, headers',
    ],
    [
      'a command that does not say what it answers',
      'name: shop\nchecks:\n  - { name: it, command: { run: [ls] } }\n',
      'suite.yaml:3:5: checks[0]: check "it" does not say what it answers',
    ],
    [
      'two checks of one name',
      'name: shop\nchecks:\n  - { name: h, headers: { url: "http://127.0.0.1/" } }\n  - { name: h, headers: { url: "http://127.0.0.1/" } }\n',
      'suite.yaml:4:13: Another check is named "h" already, on line 3.',
    ],
    [
      'a route that is none',
      'name: shop\nchecks:\n  - { name: r, refuses: { url: "http://127.0.0.1", routes: [orders] } }\n',
      'expected a route such as GET /workspaces/1',
    ],
    [
      'a public host',
      'name: shop\nchecks:\n  - { name: h, headers: { url: "https://shop.example/" } }\n',
      'suite.yaml:3:25: Host "shop.example" is public: name it under targets.allow in safety-limits.yaml',
    ],
    [
      'a denied host',
      'name: shop\nload:\n  - { profile: baseline, target: "http://db.prod" }\n',
      'suite.yaml:3:34: Host "db.prod" is denied by "*.prod" under targets in safety-limits.yaml.',
    ],
    [
      'a load profile that there is not',
      'name: shop\nload:\n  - { profile: baselin, target: "http://127.0.0.1" }\n',
      'suite.yaml:3:16: There is no load profile "baselin". Did you mean "baseline"?',
    ],
    [
      'a load of nothing',
      'name: shop\nload:\n  - { target: "http://127.0.0.1" }\n',
      'load[0].stages: it needs a profile, or stages of its own.',
    ],
    [
      'an address of its own behind a variable',
      'name: shop\nchecks:\n  - { name: h, headers: { url: "${TOKEN}" } }\n',
      'write the address out: it may not hold ${NAME}',
    ],
    [
      'a variable that is not listed',
      'name: shop\nchecks:\n  - name: r\n    refuses: { url: "http://127.0.0.1", routes: [/a], owner: { headers: { authorization: "Bearer ${KEY}" } } }\n',
      'Variable "KEY" may not be read from the environment: list it under "env:" in safety-limits.yaml.',
    ],
    [
      'an attestation that ends before it begins',
      'name: shop\nattestations:\n  - { check: alerting, by: Ada, on: 2026-10-02, expires: 2026-10-01, reference: A-1, says: It rang. }\n',
      'suite.yaml:3:58: attestations[0].expires: it expires before it was given.',
    ],
    [
      'an attestation dated by no day',
      'name: shop\nattestations:\n  - { check: alerting, by: Ada, on: 2026-02-30, expires: 2026-10-01, reference: A-1, says: It rang. }\n',
      '"2026-02-30" is not a day',
    ],
    [
      'an experiment that is not there',
      'name: shop\nexperiments:\n  - { file: nowhere.yaml }\n',
      'suite.yaml:3:13: Cannot read nowhere.yaml: there is no such file. Check the path.',
    ],
  ])('refuses %s', (_, text, sentence) => {
    expect(complaints(text, LIMITS).join('\n')).toContain(sentence);
  });

  test('tells what is wrong in its experiments too, all at once', () => {
    const found = complaints('name: shop\nexperiments: [{ file: a.yaml }, { file: b.yaml }]\n', {
      'a.yaml': experiment({ hypothesis: '' }),
      'b.yaml': experiment({ steadyState: 'steadyState: {}' }),
    });
    expect(found).toEqual([
      expect.stringMatching(/^a\.yaml:\d+:\d+: The file needs "hypothesis"\.$/),
      expect.stringMatching(/^b\.yaml:\d+:\d+: steadyState needs "probes"\.$/),
    ]);
  });
});
