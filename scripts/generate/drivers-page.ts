import { DRIVER_KINDS, factsOf } from '../../src/drivers/catalogue.ts';
import { attributeRows } from '../../src/faults/describe.ts';
import { FAULTS } from '../../src/faults/index.ts';
import { table } from './markdown.ts';

/** `docs/drivers.md`: what each driver can and cannot do. */
export function driversPage(): string {
  const kinds = [...DRIVER_KINDS.values()];
  const columns = ['embedded', ...kinds.map(({ kind }) => kind)];
  const own = [...FAULTS.values()].map(({ type }) => type);
  const types = kinds.flatMap((kind) => kind.types).sort((left, right) => left.localeCompare(right, 'en'));
  const rows = types.map((type) => [
    `\`${type}\``,
    own.includes(type) ? 'yes' : '–',
    ...kinds.map((kind) => (kind.types.includes(type) ? 'yes' : '–')),
    `${factsOf(type)!.undo}${factsOf(type)!.endsConnections ? '; ends connections' : ''}`,
  ]);
  const admin = types.filter((type) => !own.includes(type));
  const attributes = admin.flatMap((type) =>
    attributeRows(factsOf(type)!).map(({ name, unit, fallback, description, choices }) => [
      `\`${type}\``,
      `\`${name}\``,
      choices ? choices.join(' / ') : unit,
      fallback === undefined ? 'none' : `\`${JSON.stringify(fallback)}\``,
      description,
    ]),
  );
  return `${[
    INTRODUCTION,
    CAPABILITIES,
    `## Faults by driver\n\nAll other faults of [the catalogue](faults.md) are for the data plane alone.\n\n${table(['fault', ...columns, 'taken back'], rows)}`,
    `## Attributes of what only drivers have\n\n${table(['fault', 'attribute', 'unit', 'default', 'meaning'], attributes)}`,
    TOXIPROXY,
    ADMIN,
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `# Drivers

The tables are generated from the code by \`npm run generate\`.

A driver is a way to put faults in force and to take them back. Without a \`driver\`, a fault goes to Faultline's own data plane (\`embedded\`). An experiment may declare others, and one step may hold faults of several:

\`\`\`yaml
drivers:
  lab:   { driver: toxiproxy, control: "127.0.0.1:8475" }
  db:    { driver: postgres-admin, url: "\${DATABASE_URL}" }
  cache: { driver: redis-admin, url: "redis://127.0.0.1:6379" }
steps:
  - name: everything at once
    duration: 30s
    expect: { injected: unproven }          # lab cannot count
    faults:
      - { driver: lab, proxy: search, type: latency, attributes: { latency: 500ms } }
      - { driver: db, type: pg_terminate, toxicity: 25%, attributes: { application: "api-*" } }
      - { driver: cache, type: redis_client_pause, attributes: { mode: write } }
\`\`\`

- \`drivers\` may also stand in \`faultline.yaml\`, for all experiments. An experiment uses those of them that its faults name, beside its own; a name that both declare must mean the same.
- Hosts of \`control\` and \`url\` are held against \`targets\` of the safety limits, variables in \`url\` against \`env\`.
- What a driver cannot do is told when the file is read where the file alone shows it, and else before the run by the gate "faults possible": a proxy or a table that is not there, a right that its user lacks. Nothing is changed by then.
- An apply or a renewal that fails on one driver empties all. The rollback empties all at once; its proof in the journal names each driver.`;

const CAPABILITIES = `## What each can say and how it ends by itself

${table(
  ['', 'embedded', 'toxiproxy', 'postgres-admin', 'redis-admin'],
  [
    ['counts what it injected', 'yes', 'no: a step must say `injected: unproven`', 'yes', 'yes'],
    [
      'says what it holds',
      'yes',
      'no: `held` is null in the proof, which rests on the list of toxics',
      'only that nothing is in force',
      'only that nothing is in force',
    ],
    [
      'sees faults set by hand',
      'yes',
      "yes: any toxic that is not the run's, any disabled proxy",
      'no',
      'no',
    ],
    ['canaries after the rollback', 'yes', 'no', 'no', 'no'],
    ['`match`', 'yes', 'no', 'no: attributes narrow a fault', 'no: attributes narrow a fault'],
    [
      'spares what the limits exempt',
      'yes',
      'no: its faults are refused then',
      'no: its faults are refused then',
      'no: its faults are refused then',
    ],
    [
      'share of units',
      '`toxicity`',
      '`toxicity`, drawn once per connection and direction',
      '`toxicity` of `pg_terminate`',
      '`toxicity` of `redis_client_kill`',
    ],
    [
      'when the controller dies',
      'the lease runs out in the data plane',
      'a watchdog process takes the toxics back at once',
      'the server sees the connections close',
      'a pause of writes goes on until the lease is over, one of all ends within two seconds',
    ],
    [
      'when the controller hangs',
      'the lease runs out in the data plane',
      'the watchdog takes the toxics back when the lease is over',
      'session time-outs of the server, a second after the lease',
      'a pause is no longer than the lease',
    ],
  ],
)}`;

const TOXIPROXY = `## toxiproxy

Any Toxiproxy server, through \`toxiproxy-node-client\`. Toxics are named \`faultline~RUN~EPOCH~FAULT\`; only those of the run are ever changed or removed. \`down\` disables the proxy, and leaves a \`noop\` toxic of that name as a mark, so that whoever takes it back knows by whom the proxy was disabled. Attributes are rounded to whole numbers, as the server wants them. A ramp updates a toxic only where its values changed, because Toxiproxy draws the toxicity anew on each update.

Removals run at once, and none is waited for longer than two seconds: a control port that hangs makes the rollback unproven (exit 4) and not endless. The watchdog, in a process group of its own, then goes on trying for ten minutes. A server at a loopback address that refuses connections has ended, and its toxics with it: that is proof ([decision 046](adr/046-a-toxiproxy-server-that-has-ended-holds-no-toxic.md)).

What is set by hand stays: other toxics, and proxies that somebody switched off. A proxy that is switched on by hand while \`down\` holds it, or a toxic of the run that somebody removes, ends the run as a halt.

Every Toxiproxy server since 2.1 will do, \`reset_peer\` needs 2.2; the version is asked before the run. What it cannot do is refused by name before the run: use the data plane for faults with a \`match\`, for those of a protocol (\`http_*\`, \`ai_*\`, \`pg_*\`, \`redis_*\`), and for a \`bandwidth\` that a proxy shares.`;

const ADMIN = `## postgres-admin and redis-admin

- Faultline's own sessions (\`application_name\` or client name beginning with \`faultline-\`) are never ended.
- \`pg_terminate\` needs a superuser or a member of \`pg_signal_backend\`, and \`pg_read_all_stats\` to filter by application or state; any user may end its own sessions. Sessions of superusers are left to superusers and counted as skipped.
- \`pg_hold_connections\` leaves the slots that the server reserves for its administrators.
- \`pg_lock_table\` waits for the lock at most \`wait\`, and never longer than the lease; while it waits, later statements wait behind it. It is refused where the table is not free by then.
- \`redis_client_pause\` with \`mode: all\` also holds back CLIENT UNPAUSE. So it is made of pauses of 500 ms, one behind the other, and ends within a second when taken back.
- A server at a loopback address that refuses connections has ended, and with it what it held: the rollback is proven by that, as for Toxiproxy.
- \`faultline recover\` leaves a run with faults on a database alone until its lease is over, since the server may hold them until then.
- Sessions that were ended and transactions that were rolled back stay so; the report lists them under what could not be undone.`;
