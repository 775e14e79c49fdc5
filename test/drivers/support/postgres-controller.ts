import { connectPostgresAdmin } from '../../../src/drivers/postgres-admin/index.ts';

/** Holds connections and a table's lock on the server at argv[2], for a lease of five minutes, until it is killed. */
const [, , url = ''] = process.argv;
const driver = connectPostgresAdmin({ name: 'db', url });
await driver.apply({
  run: 'r',
  epoch: 1,
  lease: '5m',
  seed: 1,
  faults: [
    { id: '1.1', proxy: 'db', type: 'pg_hold_connections', attributes: { connections: 3 } },
    { id: '1.2', proxy: 'db', type: 'pg_lock_table', attributes: { table: 'tasks' } },
  ],
});
process.stdout.write('in force\n');
