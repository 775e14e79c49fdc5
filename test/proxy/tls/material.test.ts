import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultlineErrors } from '../../../src/core/errors.ts';
import { loadProxyConfig, readProxyConfig } from '../../../src/proxy/config.ts';
import { TLS } from '../../support/tls/index.ts';
import { startProxy } from './stage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-tls-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(tls: string): string {
  const path = join(folder, 'faultline.yaml');
  writeFileSync(
    path,
    `proxies:
  db:
    protocol: postgres
    listen: 127.0.0.1:0
    upstream: db:5432
    tls: ${tls}
`,
  );
  return path;
}

function problems(tls: string): readonly string[] {
  try {
    loadProxyConfig(write(tls));
  } catch (error) {
    if (error instanceof FaultlineErrors)
      return error.errors.map((one) => String(one).replace(/^.*?faultline\.yaml:/, ''));
    throw error;
  }
  return [];
}

describe('Certificates and keys that a file names', () => {
  it.each([
    [
      'a file that is not there',
      '{ listen: { cert: c.pem, key: KEY } }',
      /^6:28: Cannot read .*c\.pem: there is no such file/,
    ],
    ['a folder', '{ ca: . }', /^6:16: Cannot read .*: it is a folder/],
    [
      'a key in place of a certificate',
      '{ listen: { cert: KEY, key: KEY } }',
      /^6:28: .* holds no certificate that can be used: it is not PEM/,
    ],
    [
      'a certificate in place of a key',
      '{ listen: { cert: CERT, key: CERT } }',
      /^6:\d+: .* holds no private key that can be used/,
    ],
    [
      'a key under a passphrase',
      '{ listen: { cert: CERT, key: LOCKED } }',
      /^6:\d+: .* it is protected by a passphrase/,
    ],
    [
      'two that do not belong together',
      '{ listen: { cert: CERT, key: OTHER } }',
      /^6:\d+: The key in .* does not belong to the certificate in /,
    ],
    [
      'an authority that is none',
      '{ upstream: verify, ca: KEY }',
      /^6:34: .* holds no certificate that can be used/,
    ],
  ])('are refused at their place: %s', (_, tls, expected) => {
    const named = tls
      .replaceAll('KEY', TLS.key)
      .replaceAll('CERT', TLS.certificate)
      .replaceAll('LOCKED', TLS.lockedKey)
      .replaceAll('OTHER', TLS.otherKey);
    expect(problems(named)).toEqual([expect.stringMatching(expected)]);
  });

  it('are told of together', () => {
    expect(problems('{ listen: { cert: c.pem, key: k.pem }, ca: ca.pem }')).toHaveLength(3);
  });

  it('are taken where they are good, and not read by who only asks for an address', () => {
    expect(problems(`{ listen: { cert: ${TLS.certificate}, key: ${TLS.key} }, ca: ${TLS.ca} }`)).toEqual([]);
    expect(readProxyConfig(write('{ ca: nowhere.pem }')).proxies).toHaveLength(1);
  });

  it('keep the data plane from starting', () => {
    const main = fileURLToPath(new URL('../../../src/proxy/main.ts', import.meta.url));
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', main, '--config', write('{ ca: nowhere.pem }'), '--control', '127.0.0.1:0'],
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('faultline.yaml:6:16'),
    });
  });

  it.each(['tcp', 'redis', 'postgres', 'http'] as const)(
    'keep a %s proxy from being added',
    async (protocol) => {
      const tls = { listen: { cert: TLS.certificate, key: TLS.otherKey } };
      await expect(startProxy({ protocol, upstream: '127.0.0.1:1', tls })).rejects.toMatchObject({
        code: 'TLS_PAIR_DIFFERS',
      });
    },
  );
});
