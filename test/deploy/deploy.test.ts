import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readProxyConfig } from '../../src/proxy/config.ts';
import { findProgram } from '../../src/proxy/files.ts';
import { commandLine, commandsIn, whyUnknown } from './cli.ts';

const root = resolve(import.meta.dirname, '../..');
const deploy = join(root, 'deploy');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const filesOf = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

let program: Command;
beforeAll(async () => {
  program = await commandLine();
});

interface Container {
  readonly image?: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

interface Probe {
  readonly exec?: { readonly command: readonly string[] };
}

describe('the command line', () => {
  test('tells a verb and a flag that there are from those that there are not', () => {
    expect(whyUnknown(program, ['token', 'create', 'ada', '--role', 'admin'])).toBeUndefined();
    expect(whyUnknown(program, ['serv'])).toBe('faultline has no verb serv');
    expect(whyUnknown(program, ['proxy', '--token', 'x'])).toBe('proxy has no --token');
    expect(
      commandsIn('a `faultline halt --lift` b\n```\nX=1 faultline run x.yaml --json # y\n```\n'),
    ).toEqual([
      ['run', 'x.yaml', '--json'],
      ['halt', '--lift'],
    ]);
  });

  test('is named in the documentation, and found there', () => {
    const found = ['README.md', ...filesOf('docs', '.md')].flatMap((file) => commandsIn(read(file)));
    expect(found.length).toBeGreaterThan(40);
  });

  test.each(['README.md', ...filesOf('docs', '.md')])('has all that %s names', (file) => {
    const wrong = commandsIn(read(file)).map((words) => whyUnknown(program, words));
    expect(wrong.filter((why) => why !== undefined)).toEqual([]);
  });

  test('has all that units, image, compose file and manifests start', () => {
    const started = [
      ...filesOf('deploy/systemd', '.service').map((file) =>
        /^ExecStart=\S*faultline (.+)$/m.exec(read(file))![1]!.split(' '),
      ),
      JSON.parse(/^CMD (.+)$/m.exec(read('deploy/docker/Dockerfile'))![1]!) as string[],
      ...containers().map(({ args, command }) => [...(args ?? command ?? [])]),
    ];
    expect(started.map(([verb]) => verb).sort()).toEqual([
      ...['proxy', 'proxy', 'proxy', 'proxy', 'proxy'],
      ...['serve', 'serve', 'serve'],
    ]);
    expect(started.map((words) => whyUnknown(program, words)).filter((why) => why !== undefined)).toEqual([]);
  });
});

describe('deploy', () => {
  test.each(filesOf('deploy', '.yaml'))('%s is YAML', (file) => {
    const documents = parseAllDocuments(read(file));
    expect(documents).not.toHaveLength(0);
    for (const { errors } of documents as { errors: readonly Error[] }[]) expect(errors).toEqual([]);
  });

  test('builds the image from files that are there', () => {
    const copied = [...read('deploy/docker/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, paths]) => paths!.split(' '),
    );
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const sent = [...read('deploy/docker/Dockerfile.dockerignore').matchAll(/^!(.+)$/gm)].map(
      ([, path]) => path,
    );
    expect([...new Set(copied)].sort()).toEqual(sent.sort());
  });

  test('mounts files that are there, and a configuration that holds', () => {
    const mounts = Object.values(services()).flatMap(({ volumes = [] }) => volumes);
    const own = mounts
      .map((mount) => /^(?:\$\{\w+:-)?(\.[^:}]+)/.exec(mount)?.[1])
      .filter((path) => path !== undefined);
    expect(own.length).toBeGreaterThan(2);
    expect(own.filter((path) => !existsSync(join(deploy, 'docker', path)))).toEqual([]);
    expect(readProxyConfig(join(deploy, 'docker/faultline.yaml')).proxies).toHaveLength(2);
  });

  test('publishes nothing beyond the host, and gives every control port a token', () => {
    const ports = Object.values(services()).flatMap((service) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    const texts = [...filesOf('deploy/kubernetes', '.yaml'), 'deploy/docker/compose.yaml'].map(read);
    for (const text of texts) {
      const open = text.split('0.0.0.0:8474').length - 1;
      expect(text.split('FAULTLINE_CONTROL_TOKEN_FILE').length - 1).toBeGreaterThanOrEqual(Math.max(1, open));
      expect(text).not.toContain('open-control');
    }
  });

  test('asks by its probes only what needs no token', () => {
    const paths = [...filesOf('deploy', '.yaml'), 'deploy/docker/Dockerfile'].flatMap((file) => [
      ...read(file).matchAll(/path: (\/\w+), port|:847[45](\/[\w/]*)/g),
    ]);
    expect(paths).toHaveLength(6);
    expect(new Set(paths.map(([, probed, fetched]) => probed ?? fetched))).toEqual(new Set(['/healthz']));
  });

  test('starts every container by words: a colon in one makes a map of it where it is not quoted', () => {
    const words = containers().flatMap(({ args = [], command = [], readinessProbe, livenessProbe }) => [
      ...args,
      ...command,
      ...(readinessProbe?.exec?.command ?? []),
      ...(livenessProbe?.exec?.command ?? []),
    ]);
    expect(words.length).toBeGreaterThan(20);
    expect(words.filter((word) => typeof word !== 'string')).toEqual([]);
  });

  test('has units without a key that systemd does not know', () => {
    const analyze = findProgram(['systemd-analyze']);
    if (analyze === undefined) return;
    const folder = mkdtempSync(join(tmpdir(), 'faultline-units-'));
    try {
      const units = filesOf('deploy/systemd', '.service').map((file) => {
        const copy = join(folder, relative(dirname(file), file));
        // It refuses a program that is not installed.
        writeFileSync(copy, read(file).replace('/usr/local/bin/faultline', process.execPath));
        return copy;
      });
      const { stderr } = spawnSync(analyze, ['verify', ...units], { encoding: 'utf8' });
      expect(stderr).not.toMatch(/Unknown|Failed to parse|Invalid/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

interface Service extends Container {
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

function services(): Readonly<Record<string, Service>> {
  return parseAllDocuments(read('deploy/docker/compose.yaml'))[0]!.toJS().services;
}

/** Every container that runs Faultline. */
function containers(): readonly Container[] {
  const pods = filesOf('deploy/kubernetes', '.yaml').flatMap((file) =>
    parseAllDocuments(read(file)).map((document) => document.toJS().spec?.template?.spec),
  );
  const all: readonly Container[] = [
    ...Object.values(services()),
    ...pods.flatMap((pod) => [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]),
  ];
  return all.filter(({ image }) => image === 'faultline');
}
