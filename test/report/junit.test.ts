import { describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/core/journal.ts';
import { renderJunit, summarise } from '../../src/report/index.ts';
import { httpProbe } from '../support/journal-builder.ts';
import { outageJournal } from '../support/outage-journal.ts';
import { shortJournal } from '../support/short-journal.ts';

interface Case {
  readonly name: string;
  readonly inside: string;
}

/** The cases of each suite, as a reader of the format finds them; refuses what is not well-formed. */
function read(xml: string): ReadonlyMap<string, readonly Case[]> {
  const open: string[] = [];
  for (const [, close, name, self] of xml.matchAll(
    /<(\/?)([a-z]+)(?:\s+[\w:]+="[^"<&]*(?:&\w+;|&#\w+;|[^"<&])*")*\s*(\/?)>/g,
  )) {
    if (close) expect(open.pop()).toBe(name);
    else if (!self) open.push(name!);
  }
  expect(open).toEqual([]);
  const suites = [...xml.matchAll(/<testsuite name="([^"]*)"[^>]*>([\s\S]*?)<\/testsuite>/g)];
  return new Map(
    suites.map(([, name, inside]) => [
      name!.split(': ').at(-1)!,
      [...inside!.matchAll(/<testcase [^>]*?\bname="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
        ([, named, told = '']) => ({ name: named!, inside: told }),
      ),
    ]),
  );
}

describe('the JUnit report', () => {
  const xml = renderJunit(summarise(outageJournal()));
  const suites = read(xml);

  test('has a suite of the run, of its steps and of its expectations', () => {
    expect([...suites.keys()]).toEqual(['run', 'steps', 'expectations']);
    expect(suites.get('run')!.map(({ name }) => name)).toEqual([
      'verdict',
      'rollback proven',
      'recovered in time',
    ]);
    expect(suites.get('steps')).toHaveLength(3);
  });

  test('fails what was missed, with its figures', () => {
    expect(suites.get('run')![0]!.inside).toContain('<failure message="aborted: ');
    const missed = suites.get('expectations')!.filter(({ inside }) => inside.includes('<failure'));
    expect(missed.length).toBeGreaterThan(0);
    expect(missed[0]!.inside).toMatch(/worst \d/);
    expect(xml).toMatch(/<testsuites [^>]*tests="\d+" failures="[1-9]/);
  });

  test('passes what held', () => {
    const probe = httpProbe('read', 'http://127.0.0.1:1/', { expect: { errorRate: '< 5%' } });
    const held = read(renderJunit(summarise(shortJournal({ probes: [probe] }))));
    for (const cases of held.values()) for (const { inside } of cases) expect(inside.trim()).toBe('');
  });

  test('skips a step that was not reached', () => {
    const cut = outageJournal().filter(
      (event) =>
        !('step' in event && event.step === 2) && !(event.type === 'step-intended' && event.step === 2),
    );
    const [, , third] = read(renderJunit(summarise(cut))).get('steps')!;
    expect(third!.inside).toContain('<skipped');
  });

  test('holds no sign that XML has no place for, whatever a journal holds', () => {
    const bad = outageJournal().map(
      (event): JournalEvent =>
        event.type === 'run-started'
          ? { ...event, plan: { ...event.plan, name: 'a\u0000b\u001b]\ud800<x a="1">&\uffff' } }
          : event,
    );
    const told = renderJunit(summarise(bad));
    expect(told).not.toMatch(/[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/u);
    expect(told).toContain('&lt;x a=&quot;1');
    expect(read(told).size).toBe(3);
  });
});
