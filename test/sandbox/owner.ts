import pg from 'pg';
import { startPostgres, startRedis } from '../support/services.ts';

/** A process that owns a Postgres and a Redis, tells who they are, and waits to be killed. */
const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
const client = new pg.Client(postgres.url);
await client.connect();
const { rows } = await client.query('show data_directory');
await client.end();
console.log(JSON.stringify({ pids: [postgres.pid, redis.pid], data: rows[0].data_directory }));
setInterval(() => {}, 1000);
