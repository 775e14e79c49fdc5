import { expect } from 'vitest';
import type { Finding } from '../../src/lessons/contract.ts';
import { type Detector, LESSONS } from '../../src/lessons/index.ts';
import { faulted, type Second, type ShortRun, shortRun } from './short-journal.ts';

export function detector(id: string): Detector {
  const found = LESSONS.find((one) => one.id === id);
  if (!found) throw new Error(`no detector ${id}`);
  return found;
}

export function ask(id: string, run: ShortRun) {
  return detector(id).detect(shortRun(run));
}

/** The lesson, or a failed test. */
export function lesson(id: string, run: ShortRun): Finding {
  const found = ask(id, run);
  if (!found || 'notAssessed' in found) throw new Error(`no lesson but ${JSON.stringify(found)}`);
  expect(found.evidence.length).toBeGreaterThan(0);
  expect(detector(id).severities).toContain(found.severity);
  return found;
}

/** Samples of these probes fail under the fault, so many in ten, each after `ms`. */
export const failing = (names: readonly string[], share = 1, ms = 10) =>
  ((probe, since) =>
    names.includes(probe.name) && faulted(since) && (since / 250) % 10 < share * 10
      ? { ok: false, ms, reason: 'status 503' }
      : {}) satisfies ShortRun['sample'];

/** Calls to the proxy fail under the fault, and its clients take it so. */
export const callsFail = (clients?: Second['clients'], share = 1, on = 'openai') =>
  ((proxy, since) =>
    proxy === on && faulted(since)
      ? { failing: share, ...(clients ? { clients } : {}) }
      : {}) satisfies ShortRun['seen'];
