import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FaultlineErrors } from '../../src/core/errors.ts';
import type { Plan } from '../../src/core/plan.ts';
import { loadPlan } from '../../src/experiments/load.ts';

/** Runs `act` in a fresh folder with these files, and removes it. */
export function withFiles<T>(files: Readonly<Record<string, string>>, act: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-plan-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The plan of `experiment.yaml` in a folder with these files. */
export function planOf(files: Readonly<Record<string, string>>): Plan {
  return withFiles(files, (cwd) => loadPlan({ file: 'experiment.yaml', cwd }).plan);
}

/** What is wrong with `experiment.yaml` in a folder with these files, line by line. */
export function complaintsOf(files: Readonly<Record<string, string>>): readonly string[] {
  try {
    planOf(files);
  } catch (error) {
    if (error instanceof FaultlineErrors) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** A valid experiment; each part can be replaced by other YAML, or left out by an empty text. */
export function experiment(parts: Partial<Record<keyof typeof PARTS, string>> = {}): string {
  return Object.entries({ ...PARTS, ...parts })
    .filter(([, text]) => text !== '')
    .map(([, text]) => `${text}\n`)
    .join('');
}

/** By line: name 1, hypothesis 2, proxies 3 to 6, steadyState 7 to 10, abortWhen 11, steps 12 to 15. */
const PARTS = {
  name: 'name: slow-redis',
  hypothesis: 'hypothesis: Pages stay fast.',
  proxies: [
    'proxies:',
    '  redis: { protocol: redis, listen: "127.0.0.1:16379", upstream: "127.0.0.1:6379" }',
    '  db: { protocol: postgres, listen: "127.0.0.1:15432", upstream: "127.0.0.1:5432" }',
    '  web: { protocol: http, listen: "127.0.0.1:13000", upstream: "http://127.0.0.1:3000" }',
  ].join('\n'),
  load: '',
  steadyState: [
    'steadyState:',
    '  probes:',
    '    - name: page',
    '      http: { url: "http://127.0.0.1:3000/" }',
  ].join('\n'),
  abortWhen: 'abortWhen: []',
  steps: [
    'steps:',
    '  - name: slow',
    '    duration: 5s',
    '    faults: [{ proxy: redis, type: latency, attributes: { latency: 100 } }]',
  ].join('\n'),
  recovery: '',
};
