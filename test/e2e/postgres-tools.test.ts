import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresStage, postgresStage } from '../proxy/postgres/stage.ts';
import { lacksTool } from '../support/services.ts';

const NO_TOOLS = lacksTool('psql') || lacksTool('pgbench');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe.skipIf(NO_TOOLS)('the tools of Postgres', () => {
  let it: PostgresStage;
  let folder: string;
  beforeAll(async () => {
    it = await postgresStage();
    folder = await mkdtemp(join(tmpdir(), 'faultline-pgbench-'));
    expect(await pgbench('-i', '-s', '1', '-q')).toMatchObject({ code: 0, out: '' });
  }, 60_000);
  afterAll(async () => {
    await it.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => void it.takeBack());

  /** Runs a tool against the proxy; `input` is what it reads. */
  function run(tool: string, args: readonly string[], input = ''): Promise<Ran> {
    return new Promise((resolve) => {
      const child = execFile(
        tool,
        args,
        { timeout: 60_000, env: { ...process.env, PGPASSWORD: it.password } },
        (error, out, err) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
        },
      );
      child.stdin!.end(input);
    });
  }
  function psql(input: string, ...args: readonly string[]): Promise<Ran> {
    return run('psql', ['-X', '-A', '-t', '-q', '-v', 'VERBOSITY=verbose', ...args, '-d', it.url], input);
  }
  function pgbench(...args: readonly string[]): Promise<Ran> {
    const { host, port } = it.address;
    return run('pgbench', ['-h', host, '-p', String(port), '-U', it.user, ...args, it.database]);
  }
  const script = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  /** Transactions that pgbench carried out. */
  const processed = ({ out }: Ran) => Number(/actually processed: (\d+)/.exec(out)?.[1]);

  test('psql sees an error and stays in step', async () => {
    it.put({ type: 'pg_error', attributes: { sqlstate: '40P01' }, match: { sql: 'hit' } });
    const { out, err } = await psql(
      "select 1;\nselect 'hit';\nselect 2;\nselect 'hit', 'again';\nselect 3;\n",
    );
    expect(out.split('\n').filter(Boolean)).toEqual(['1', '2', '3']);
    expect(err.match(/40P01: deadlock detected/g)).toHaveLength(2);
  });

  test('psql rolls back a transaction of which a statement failed', async () => {
    it.put({ type: 'pg_error', attributes: { sqlstate: '40001' }, match: { command: 'INSERT' } });
    const { out, err } = await psql(
      'create table rolled (a int);\nbegin;\ninsert into rolled values (1);\nselect 1;\ncommit;\nselect count(*) from rolled;\n',
    );
    expect(out.trim()).toBe('0');
    expect(err).toMatch(/40001: could not serialize[\s\S]*25P02: current transaction is aborted/);
  });

  test('psql copies in and out, through a fault that matches something else', async () => {
    it.put(
      { type: 'pg_error', match: { sql: 'nothing such' } },
      { type: 'pg_latency', attributes: { latency: 5 } },
    );
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index}\tnote ${index}`).join('\n');
    const { out, err } = await psql(
      `create table copied (id int, note text);\ncopy copied from stdin;\n${rows}\n\\.\nselect count(*), sum(id) from copied;\ncopy (select id, note from copied order by id) to stdout;\nselect 7;\n`,
    );
    const lines = out.trimEnd().split('\n');
    expect(err).toBe('');
    expect(lines[0]).toBe('20000|199990000');
    expect(lines.slice(1, -1).join('\n')).toBe(rows);
    expect(lines.at(-1)).toBe('7');
  });

  test('psql is told at once when a copy is refused, and goes on', async () => {
    it.put({ type: 'pg_read_only' });
    const rows = await script('rows', '1\t1\t1\t\n');
    const { out, err } = await psql(`\\copy pgbench_tellers from '${rows}'\nselect 7;\n`);
    expect(err).toContain('25006: cannot execute COPY FROM in a read-only transaction');
    expect(out.trim()).toBe('7');
  });

  test('psql is told of copies that fail, in and out and in a transaction, and what it does next is done', async () => {
    it.put({ type: 'pg_error', attributes: { sqlstate: '53100' }, match: { sql: '^copy +failing ' } });
    const rows = await script('failing-rows', '1\n');
    const { out, err } = await psql(
      [
        'create table failing (id int);',
        `\\copy failing from '${rows}'`,
        'copy failing to stdout;',
        'begin;',
        'insert into failing values (2);',
        `\\copy failing from '${rows}'`,
        'select 1;',
        'rollback;',
        'copy public.failing from stdin;',
        '4',
        '5',
        '\\.',
        'copy (select id from failing order by id) to stdout;',
        'select count(*) from failing;',
        '',
      ].join('\n'),
    );
    expect(err.match(/53100: could not extend file/g)).toHaveLength(3);
    expect(err.match(/25P02/g)).toHaveLength(1);
    expect(out.trim().split('\n')).toEqual(['4', '5', '2']);
    expect(it.counts()).toMatchObject({ matched: 3, injected: 3 });
  });

  test('psql copies in what it is never told of, where pg_lost_ack takes the answer', async () => {
    it.put({ type: 'pg_lost_ack' });
    const rows = await script('lost-rows', '1\t1\t1\t\n2\t1\t1\t\n');
    const { code, err } = await psql(
      '',
      '-c',
      `\\copy pgbench_history (tid, bid, aid, filler) from '${rows}'`,
    );
    expect(code).not.toBe(0);
    expect(err).toMatch(/server closed the connection|reset by peer|connection to server was lost/i);
    expect(it.counts().injected).toBe(1);
    it.takeBack();
    expect((await psql('select count(*) from pgbench_history where filler = $$$$;')).out.trim()).toBe('2');
  });

  test('psql can cancel a statement', async () => {
    it.put({ type: 'pg_error', match: { sql: 'nothing such' } });
    const began = performance.now();
    const { err } = await run('sh', [
      '-c',
      `psql -X -d '${it.url}' -c 'select pg_sleep(60)' & pid=$!; while ! psql -X -At -d '${it.url}' -c "select 1 from pg_stat_activity where query = 'select pg_sleep(60)'" | grep -q 1; do :; done; kill -INT $pid; wait $pid`,
    ]);
    expect(err).toContain('canceling statement due to user request');
    expect(performance.now() - began).toBeLessThan(50_000);
  });

  test.each(['simple', 'extended', 'prepared'])(
    'pgbench -S runs in mode %s without an error of ours',
    async (mode) => {
      it.put({ type: 'pg_error', match: { sql: 'nothing such' } });
      const ran = await pgbench('-S', '-n', '-c', '4', '-t', '200', '-M', mode);
      expect(ran).toMatchObject({ code: 0 });
      expect(processed(ran)).toBe(800);
      expect(it.seen().status).toEqual({ ok: { organic: expect.any(Number), injected: 0 } });
      expect(it.seen().units).toBeGreaterThanOrEqual(800);
    },
  );

  test.each(['simple', 'extended', 'prepared'])(
    'pgbench tries again in mode %s what conflicted, and its books balance',
    async (mode) => {
      it.put({
        type: 'pg_error',
        toxicity: 0.2,
        attributes: { sqlstate: '40001' },
        match: { command: 'UPDATE' },
      });
      const ran = await pgbench('-n', '-c', '2', '-t', '50', '-M', mode, '--max-tries=1000');
      expect(ran).toMatchObject({ code: 0 });
      expect(processed(ran)).toBe(100);
      expect(it.counts().injected).toBeGreaterThan(5);
      it.takeBack();
      const { out } = await psql(
        'select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history);\nselect (select sum(abalance) from pgbench_accounts) = (select sum(bbalance) from pgbench_branches);\n',
      );
      expect(out.split('\n').filter(Boolean)).toEqual(['t', 't']);
    },
  );

  test('pgbench keeps its pipelines in step, where statements of them fail', async () => {
    const path = await script(
      'pipeline.sql',
      [
        '\\startpipeline',
        'select 1;',
        'select 2;',
        'update pgbench_tellers set tbalance = 0 where tid = 1;',
        'select 3;',
        '\\endpipeline',
        '',
      ].join('\n'),
    );
    const clean = await pgbench('-n', '-c', '2', '-t', '50', '-M', 'prepared', '-f', path);
    expect(clean).toMatchObject({ code: 0 });
    it.put({ type: 'pg_error', match: { sql: 'nothing such' } });
    const watched = await pgbench('-n', '-c', '2', '-t', '50', '-M', 'prepared', '-f', path);
    expect(watched).toMatchObject({ code: 0 });
    expect(processed(watched)).toBe(100);
    it.put({ type: 'pg_error', attributes: { sqlstate: '40001' }, match: { command: 'UPDATE', first: 1 } });
    const faulty = await pgbench('-n', '-c', '1', '-t', '3', '-M', 'extended', '-f', path);
    expect(processed(faulty)).toBe(2);
    expect(faulty.out).toContain('number of failed transactions: 1 ');
    expect(it.counts().injected).toBe(1);
  });
});
