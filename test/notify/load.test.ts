import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FaultlineErrors } from '../../src/core/errors.ts';
import { type Channel, loadChannels, type Notice } from '../../src/notify/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-notify-'));
afterAll(() => rmSync(folder, { recursive: true }));

const notice: Notice = {
  occasion: 'end',
  at: '2026-11-21T09:30:00.000Z',
  headline: 'lab: held',
  text: 'Readers <!channel> noticed nothing & went on.',
  experiment: 'lab',
  run: 'r1',
};

function channels(text: string, environment: NodeJS.ProcessEnv = {}): readonly Channel[] {
  writeFileSync(join(folder, 'notify.yaml'), text);
  return loadChannels({ cwd: folder, environment });
}

function problems(text: string): readonly string[] {
  try {
    channels(text);
    return [];
  } catch (error) {
    return (error as FaultlineErrors).errors.map(String);
  }
}

describe('a file of notifications', () => {
  it('need not be there', () => {
    expect(loadChannels({ cwd: tmpdir(), environment: {} })).toEqual([]);
  });

  it('tells whom it names, of what it names', () => {
    const [hook, chat, graph] = channels(`notify:
  - { kind: webhook, url: "\${HOOK}", secret: "\${KEY}", on: [breach], experiments: ["la*", prod] }
  - { kind: slack, name: team, url: "\${HOOK}" }
  - { kind: grafana, url: "https://grafana.example", token: "\${KEY}" }
`);
    expect([hook!.name, chat!.name, graph!.name]).toEqual(['webhook-1', 'team', 'grafana-3']);
    expect(hook!.wants(notice)).toBe(false);
    expect(hook!.wants({ ...notice, occasion: 'breach' })).toBe(true);
    expect(hook!.wants({ ...notice, occasion: 'breach', experiment: 'other' })).toBe(false);
    expect(chat!.wants(notice)).toBe(true);
    expect([
      chat!.wants({ ...notice, occasion: 'step' }),
      graph!.wants({ ...notice, occasion: 'step' }),
    ]).toEqual([false, true]);
  });

  it.each([
    ['a secret', '{ kind: webhook, url: "${HOOK}", secret: hunter2hunter2 }', 'secret', 'hunter2'],
    ['a number as a secret', '{ kind: webhook, url: "${HOOK}", secret: 31337 }', 'secret', '31337'],
    ['a token', '{ kind: grafana, url: "https://g.example", token: glsa_abc }', 'token', 'glsa_abc'],
    [
      'the address of a Slack webhook',
      '{ kind: slack, url: "https://hooks.slack.example/T0/B0/xyz" }',
      'url',
      'xyz',
    ],
    [
      'a reference with more around it',
      '{ kind: slack, url: "https://x.example/${KEY}" }',
      'url',
      'x.example',
    ],
    [
      'a password in an address',
      '{ kind: grafana, url: "https://a:b4c@g.example", token: "${K}" }',
      'url',
      'b4c',
    ],
  ])('%s may not stand in it, and is not quoted', (_, entry, key, secret) => {
    const [problem, ...more] = problems(`notify:\n  - ${entry}\n`);
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`^notify.yaml:2:${entry.indexOf(`${key}:`) + key.length + 7}: `));
    expect(problem).not.toContain(secret);
  });

  it('is told with all its mistakes and their places', () => {
    expect(
      problems(`notify:
  - { kind: slak, url: "\${HOOK}" }
  - { kind: slack, url: "\${HOOK}", on: [brech] }
  - { kind: slack, url: "\${HOOK}", to: me }
`),
    ).toEqual([
      expect.stringMatching(/^notify.yaml:2:.*slak/),
      expect.stringMatching(/^notify.yaml:3:.*brech.*Did you mean "breach"/),
      expect.stringMatching(/^notify.yaml:4:.*Unknown key "to"/),
    ]);
    expect(
      problems(
        'notify:\n  - { kind: slack, name: a, url: "${H}" }\n  - { kind: slack, name: a, url: "${H}" }\n',
      ),
    ).toEqual([expect.stringMatching(/^notify.yaml:3:.*named "a" already, on line 2/)]);
  });
});

describe('a message', () => {
  it('reads its secrets from the environment or from files, at the moment of use', () => {
    writeFileSync(join(folder, 'token'), 'from-file\n');
    const environment: NodeJS.ProcessEnv = {};
    const [graph] = channels('notify: [{ kind: grafana, url: "${G}", token: { file: token } }]', environment);
    expect(() => graph!.message(notice, 'id')).toThrow('variable G is not set');
    environment.G = 'https://grafana.example/';
    expect(graph!.message(notice, 'id')).toMatchObject({
      url: 'https://grafana.example/api/annotations',
      headers: { authorization: 'Bearer from-file' },
    });
  });

  it('to Grafana is a region for what lasted and a line for what did not', () => {
    const [graph] = channels('notify: [{ kind: grafana, url: "http://g", token: "${K}", dashboard: abc }]', {
      K: 'k',
    });
    const from = '2026-11-21T09:29:00.000Z';
    expect(JSON.parse(graph!.message({ ...notice, from, verdict: 'held' }, 'id').body)).toEqual({
      dashboardUID: 'abc',
      time: Date.parse(from),
      timeEnd: Date.parse(notice.at),
      tags: ['faultline', 'end', 'lab', 'held'],
      text: `${notice.headline}: ${notice.text}`,
    });
    const line = JSON.parse(graph!.message(notice, 'id').body);
    expect([line.time, line.timeEnd]).toEqual([Date.parse(notice.at), undefined]);
  });

  it('to Slack calls nobody, whatever the text holds', () => {
    const [chat] = channels('notify: [{ kind: slack, url: "${H}" }]', { H: 'http://h' });
    const { text, blocks } = JSON.parse(chat!.message(notice, 'id').body);
    expect(text).toBe('lab: held: Readers &lt;!channel&gt; noticed nothing &amp; went on.');
    expect(blocks[0].text.text).toContain('*lab: held*');
    expect(blocks[1].elements[0].text).toContain('run r1');
    const long = JSON.parse(chat!.message({ ...notice, text: 'word '.repeat(500) }, 'id').body);
    expect(long.blocks[0].text.text).toHaveLength('*lab: held*\n'.length + 600);
    expect(long.blocks[0].text.text).toMatch(/…$/);
  });
});
