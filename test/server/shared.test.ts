import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Lab } from '../support/experiment.ts';
import { finished, startScript } from '../support/processes.ts';
import { type Service, startPostgres } from '../support/services.ts';
import { until } from '../support/until.ts';

const lab = new Lab();
let postgres: Service;
let client: pg.Client;
const controllers: { process: ChildProcess; url: string }[] = [];

beforeAll(async () => {
  [postgres] = await Promise.all([startPostgres(), lab.open()]);
  lab.experiment('{ proxy: web, type: latency, attributes: { latency: 5 } }');
  writeFileSync(
    join(lab.folder, 'schedules.yaml'),
    'schedules: [{ name: often, cron: "*/5 * * * * *", experiments: [lab], startingDeadlineSeconds: 10 }]\n',
  );
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
});
afterAll(async () => {
  for (const { process } of controllers) process.kill('SIGKILL');
  await client.end();
  await postgres.stop();
  await lab.close();
});

async function controller(name: string): Promise<{ process: ChildProcess; url: string }> {
  const child = startScript(
    'src/cli/main.ts',
    ['serve', '--port', '0', '--experiments', '.', '--name', name],
    {
      cwd: lab.folder,
      env: { ...process.env, FAULTLINE_DATABASE_URL: postgres.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout!.on('data', (chunk) => {
    said += chunk;
  });
  const [, url] = await until(`${name} listens`, () => /control plane at (\S+),/.exec(said));
  const one = { process: child, url: url! };
  controllers.push(one);
  return one;
}

const health = async ({ url }: { url: string }) =>
  (await (await fetch(`${url}/healthz`)).json()) as { leads: boolean; running: string[] };

it('two controllers share a history and play each occurrence once, also when the one that leads is killed in mid-run', {
  timeout: 120_000,
}, async () => {
  const first = await controller('first');
  await until('the first leads', async () => (await health(first)).leads);
  const second = await controller('second');
  // Whoever is told of a schedule, the one that leads plays it.
  const byHand = (path: string, method: string, body: object) =>
    fetch(`${second.url}/api/schedules/by-hand${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await byHand('', 'PUT', { cron: '* * * * * *', experiments: ['lab'] })).status).toBe(201);
  await until('the first has taken an occurrence of it', async () => {
    const { rows } = await client.query(
      `select 1 from faultline_claims where schedule = 'by-hand' and controller = 'first'`,
    );
    return rows.length > 0;
  });
  await byHand('/pause', 'POST', {});
  const [run] = await until('a run goes on', async () => {
    const { running } = await health(second);
    return running.length > 0 && running;
  });
  first.process.kill('SIGKILL');
  await finished(first.process);
  await until('the second leads', async () => (await health(second)).leads);

  const ended = await until(
    'the run that was under way has ended by itself and is in the shared history',
    async () => {
      const { rows } = await client.query('select row from faultline_runs where id = $1', [run]);
      return rows[0]?.row;
    },
  );
  expect(ended).toMatchObject({ outcome: 'held', experiment: 'lab' });
  await until('the second has started an occurrence', async () => {
    const { rows } = await client.query(
      `select 1 from faultline_claims c join faultline_occurrences o on o.schedule = c.schedule and o.entry->>'due' = c.due
       where c.controller = 'second' and o.entry->>'state' = 'started'`,
    );
    return rows.length > 0;
  });
  const { rows } = await client.query(
    `select schedule, entry->>'due' as due, count(*)::int as times from faultline_occurrences
     where entry->>'state' = 'started' group by 1, 2 having count(*) > 1`,
  );
  expect(rows).toEqual([]);
});
