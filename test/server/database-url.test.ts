import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../src/server/database/url.ts';

const URL_WITH_SECRET = 'postgres://ada:hush@db:5432/faultline';
const folder = mkdtempSync(join(tmpdir(), 'faultline-database-url-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'url'), `${URL_WITH_SECRET}\n`);
writeFileSync(join(folder, 'empty'), '\n');
writeFileSync(join(folder, 'wrong'), 'mysql://ada:hush@db/faultline');

describe('the URL of the database', () => {
  it.each([
    ['nothing, where nothing is set', {}, undefined],
    ['that of the variable', { FAULTLINE_DATABASE_URL: URL_WITH_SECRET }, URL_WITH_SECRET],
    ['that of the file', { FAULTLINE_DATABASE_URL_FILE: 'url' }, URL_WITH_SECRET],
  ])('is %s', (_, environment, expected) => {
    expect(databaseUrl(environment, folder)).toBe(expected);
  });

  it.each([
    ['an empty variable', { FAULTLINE_DATABASE_URL: '' }, 'variable FAULTLINE_DATABASE_URL is empty'],
    ['a file that is not there', { FAULTLINE_DATABASE_URL_FILE: 'none' }, 'file none cannot be read: ENOENT'],
    ['an empty file', { FAULTLINE_DATABASE_URL_FILE: 'empty' }, 'file empty is empty'],
    ['another database', { FAULTLINE_DATABASE_URL_FILE: 'wrong' }, 'what wrong holds is no postgres:// URL'],
    [
      'both at once',
      { FAULTLINE_DATABASE_URL: URL_WITH_SECRET, FAULTLINE_DATABASE_URL_FILE: 'url' },
      'are both set',
    ],
  ])('is refused for %s, without being quoted', (_, environment, why) => {
    let said: unknown;
    try {
      databaseUrl(environment, folder);
    } catch (error) {
      said = error;
    }
    expect(said).toMatchObject({ code: 'DATABASE_URL_UNUSABLE' });
    expect(String(said)).toContain(why);
    expect(String(said)).not.toContain('hush');
  });
});
