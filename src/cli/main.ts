#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { FaultlineError, FaultlineErrors } from '../core/errors.ts';
import { EXIT } from '../core/verdict.ts';
import { ROLES, type Role } from '../server/guards/roles.ts';
import type { BuildFlags } from './demo/build.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

interface RunFlags {
  readonly limits?: string;
  readonly approvedBy?: string[];
  readonly keepProxy?: boolean;
  readonly json?: boolean;
  readonly supervised?: boolean;
  readonly holdSteps?: boolean;
  readonly startedBy?: string;
  readonly notify?: string;
}

interface ServeFlags {
  readonly host: string;
  readonly port: string;
  readonly experiments: string;
  readonly limits?: string;
  readonly schedules?: string;
  readonly notify?: string;
  readonly name?: string;
  readonly allowHost?: string[];
  readonly behind?: string[];
}

type LoadFlags = Omit<Parameters<typeof import('./load/index.ts')['load']>[0], 'profile'>;

interface HaltFlags {
  readonly reason: string;
  readonly by?: string;
  readonly lift?: boolean;
  readonly status?: boolean;
  readonly control?: string;
}

type DoctorFlags = Parameters<typeof import('./doctor/index.ts')['doctor']>[0];

type AuditFlags = Omit<Parameters<typeof import('./audit.ts')['audit']>[0], 'file' | 'version'>;

type DemoFlags = Omit<Parameters<typeof import('./demo/index.ts')['demo']>[0], 'version'>;

const program = new Command('faultline')
  .description(
    'Injects latency, outages and connection kills in front of AI providers, Postgres and Redis, step by step, and takes everything back when health leaves its baseline.',
  )
  .version(version)
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  $ faultline init my-experiment.yaml        write a commented experiment to start from
  $ faultline plan my-experiment.yaml        say what it would do, in sentences; touches nothing
  $ faultline run my-experiment.yaml         run it under the safety monitor
  $ faultline halt --reason "real incident"  take every fault back and refuse new ones
  $ faultline demo                           play an OpenAI outage on a sandbox of real services

Exit codes of run: 0 held, 1 deviated, 2 invalid input, 3 aborted by safety, 4 rollback not proven,
5 inconclusive, 6 refused before anything was injected.`,
  );

program
  .command('run')
  .argument('<experiment>', 'experiment file')
  .description('Run an experiment under the safety monitor.')
  .option('--limits <file>', 'safety limits (default: safety-limits.yaml beside the experiment, or above it)')
  .option('--approved-by <name...>', 'who approved a reach that needs it')
  .option('--keep-proxy', 'leave the data plane running afterwards, without faults')
  .option('--notify <file>', 'who is told of the run (default: notify.yaml, where there is one)')
  .option('--json', 'print the journal as JSON lines')
  .addOption(
    new Option('--supervised', 'told and stopped over the channel of the process that starts it').hideHelp(),
  )
  .addOption(new Option('--hold-steps', 'ask that process before each step').hideHelp())
  .addOption(new Option('--started-by <name>', 'who starts it, for the record').hideHelp())
  .addHelpText(
    'after',
    '\nExample:\n  $ faultline run experiments/openai-outage-cascade.yaml --limits staging-limits.yaml',
  )
  .action(async (file: string, options: RunFlags) =>
    finish((await import('./run/index.ts')).run({ file, ...options, version })),
  );

program
  .command('plan')
  .argument('<experiment>', 'experiment file')
  .description('Say what a run would do, in sentences. Touches nothing.')
  .option('--limits <file>', 'safety limits')
  .option('--json', 'print the plan as JSON')
  .addHelpText('after', '\nExample:\n  $ faultline plan my-experiment.yaml | less')
  .action(async (file: string, options: { limits?: string; json?: boolean }) =>
    finish((await import('./plan.ts')).plan({ file, ...options })),
  );

program
  .command('limits')
  .argument('[experiment]', 'experiment file')
  .description('Say which safety limits hold, from where, and how much of each an experiment would take.')
  .option('--limits <file>', 'safety limits')
  .option('--approved-by <name...>', 'who would approve a reach that needs it')
  .option('--json', 'print it as JSON')
  .addHelpText(
    'after',
    `
Example:
  $ faultline limits my-experiment.yaml

Exit codes: 0 a run would pass the gates that need no data plane, 6 it would not, 2 invalid input.`,
  )
  .action(
    async (
      experiment: string | undefined,
      options: { limits?: string; approvedBy?: string[]; json?: boolean },
    ) => finish((await import('./limits.ts')).limits({ experiment, ...options })),
  );

program
  .command('validate')
  .argument('<experiment...>', 'experiment files')
  .description('Check experiment files; every problem is told as file:line:column.')
  .option('--limits <file>', 'safety limits')
  .addHelpText('after', '\nExample:\n  $ faultline validate experiments/*.yaml')
  .action(async (files: string[], options: { limits?: string }) =>
    finish((await import('./validate.ts')).validate({ files, ...options })),
  );

program
  .command('proxy')
  .description('Run the data plane in the foreground: the proxies of faultline.yaml and their control API.')
  .option('--config <file>', 'proxies and control address (default: faultline.yaml here, where there is one)')
  .option('--control <address>', 'address of the control API (default: 127.0.0.1:8474)')
  .option('--open-control', 'take a control address beyond this machine also without a token')
  .addHelpText(
    'after',
    `
Examples:
  $ faultline proxy --config faultline.yaml
  $ curl -X POST localhost:8474/proxies/redis/toxics -d '{"type":"latency","attributes":{"latency":250}}'

With FAULTLINE_CONTROL_TOKEN, or FAULTLINE_CONTROL_TOKEN_FILE=PATH, the control API asks for that token as a bearer;
every other command sends it where the same variable is set.`,
  )
  .action(async (options: { config?: string; control?: string; openControl?: boolean }) =>
    finish((await import('./proxy.ts')).proxy(options)),
  );

program
  .command('serve')
  .description('Run the control plane: API, live events, history and schedules.')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--port <number>', 'port to listen on', '8475')
  .option('--experiments <folder>', 'folder of the experiments that may be started by name', 'experiments')
  .option(
    '--limits <file>',
    'safety limits (default: safety-limits.yaml beside the experiments, or above them)',
  )
  .option('--schedules <file>', 'schedules (default: schedules.yaml, where there is one)')
  .option('--notify <file>', 'who is told of what (default: notify.yaml, where there is one)')
  .option('--name <name>', "this controller's name (default: the host's)")
  .option('--allow-host <name...>', 'host names with dots that it answers to')
  .option('--behind <address...>', 'addresses of proxies in front of it, whose X-Forwarded-For is believed')
  .addHelpText(
    'after',
    `
Example:
  $ faultline serve --experiments experiments --schedules schedules.yaml

With FAULTLINE_DATABASE_URL, or FAULTLINE_DATABASE_URL_FILE=PATH, several controllers share that Postgres.`,
  )
  .action(async (options: ServeFlags) => finish((await import('./serve.ts')).serve({ ...options, version })));

const notify = program.command('notify').description('Telling people and programs of runs.');
notify
  .command('test')
  .description('Send a word to every channel; exit code 1 where one does not take it.')
  .option('--notify <file>', 'who is told (default: notify.yaml)')
  .addHelpText('after', '\nExample:\n  $ faultline notify test')
  .action(async (options: { notify?: string }) => finish((await import('./notify/test.ts')).test(options)));
notify
  .command('follow')
  .argument('<run>', 'run id, the folder of a run, or "last"')
  .description('Tell of a run from its journal, as it goes on; "run" and "serve" do so by themselves.')
  .option('--notify <file>', 'who is told (default: notify.yaml, where there is one)')
  .addHelpText('after', '\nExample:\n  $ faultline notify follow last')
  .action(async (run: string, options: { notify?: string }) =>
    finish((await import('./notify/follow.ts')).follow(run, { ...options, version })),
  );

program
  .command('gameday')
  .argument('<file>', 'game-day file')
  .description('Play a planned series of experiments with people, predictions and notes, or take part in it.')
  .option(
    '--experiments <folder>',
    'folder of the experiments (default: that of the file, or the one above "gamedays")',
  )
  .option('--limits <file>', 'safety limits')
  .option('--as <name>', 'who types (default: the lead)')
  .addHelpText(
    'after',
    `
Example:
  $ faultline gameday experiments/gamedays/openai-outage.yaml --as Ada

Started again it goes on where it was. Exit codes: 0 it is over, 2 invalid file, 4 a rollback is not proven, 5 not over yet.`,
  )
  .action(async (file: string, options: { experiments?: string; limits?: string; as?: string }) =>
    finish((await import('./gameday/index.ts')).gameday({ file, ...options })),
  );

const token = program.command('token').description('Tokens of the control plane.');
token
  .command('create')
  .argument('<name>', 'whose it is')
  .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('viewer'))
  .option('--expires <duration>', 'when it ends, such as 720h (default: never)')
  .description('Make a token and print it, this once; only its hash is kept.')
  .addHelpText('after', '\nExample:\n  $ faultline token create ada --role operator')
  .action(async (name: string, options: { role: Role; expires?: string }) =>
    finish(import('./token.ts').then(({ createToken }) => createToken(name, options))),
  );
token
  .command('list')
  .description('Say who has a token.')
  .action(async () => finish(import('./token.ts').then(({ listTokens }) => listTokens())));
token
  .command('revoke')
  .argument('<name>', 'whose it is')
  .description('End a token, and every session that was opened with it.')
  .action(async (name: string) => finish(import('./token.ts').then(({ revokeToken }) => revokeToken(name))));

program
  .command('audit-log')
  .description('The record of who did what at the control plane.')
  .command('verify')
  .argument('[file]', 'audit log (default: .faultline/audit-log.jsonl)')
  .option('--expect <hash>', 'hash of an entry that must be in it, noted before')
  .description('Check that no entry was changed, taken out or put in; exit code 1 where one was.')
  .addHelpText('after', '\nExample:\n  $ faultline audit-log verify --expect 9f86d081…')
  .action(async (file: string | undefined, options: { expect?: string }) =>
    finish(import('./audit-log.ts').then(({ verifyAudit }) => verifyAudit(file, options.expect))),
  );

program
  .command('halt')
  .description('Kill switch: take every fault back, end every run, refuse new ones until lifted.')
  .option('--reason <text>', 'why, for the record', 'halted by hand')
  .option('--by <name>', 'who halts or lifts, for the record (default: the user of this process)')
  .option('--lift', 'lift the halt again')
  .option('--status', 'only say what is halted, and by whom; exit code 6 while runs are refused')
  .option('--control <address>', 'address of the control API (default: that of faultline.yaml)')
  .addHelpText(
    'after',
    `
Examples:
  $ faultline halt --reason "real incident"
  $ faultline halt --status
  $ faultline halt --lift --by "Ada, on call"

Exit codes: 0 all of it is halted (or lifted), 4 something could not be reached and is named.`,
  )
  .action(async (options: HaltFlags) => finish((await import('./halt/index.ts')).halt(options)));

program
  .command('recover')
  .argument('[run]', 'only this one: its id, its folder, or "last" (default: every run that was left)')
  .description(
    'Find runs whose controller died, prove that nothing of them is left, and write their reports.',
  )
  .addHelpText('after', '\nExample:\n  $ faultline recover')
  .action(async (run: string | undefined) => finish((await import('./recover.ts')).recover(run)));

program
  .command('doctor')
  .description('Check this folder and machine for a run, and say what to do. Injects nothing.')
  .option('--experiments <folder>', 'folder of the experiments', 'experiments')
  .option('--schedules <file>', 'schedules', 'schedules.yaml')
  .option('--limits <file>', 'safety limits')
  .option('--control <address>', 'address of the control API (default: that of faultline.yaml)')
  .option('--control-plane <address>', 'where "faultline serve" may listen', '127.0.0.1:8475')
  .option('--json', 'print what was found as JSON')
  .addHelpText(
    'after',
    `
Example:
  $ faultline doctor

Exit codes: 0 a run would begin (also with warnings), 6 it would be refused.`,
  )
  .action(async (options: DoctorFlags) => finish((await import('./doctor/index.ts')).doctor(options)));

program
  .command('load')
  .argument(
    '[profile]',
    'baseline, normal-day, peak-hours, deadline, stress, spike, soak … (docs/load.md has all)',
  )
  .description('Send load as users bring it, and judge the answers by thresholds.')
  .option('--target <url>', 'where it goes: http://, https:// or redis://')
  .option('--file <file>', 'load file: stages, scenarios and thresholds of your own')
  .option('--time-scale <n>', 'make the stages so many times shorter')
  .option('--users <n>', "highest level of the stages, in place of the profile's")
  .option('--metrics <url>', "the target's Prometheus page, for cache hits and the likely bottleneck")
  .option('--compare <result>', 'an earlier result: a file, an id, or "last"; a regression counts as missed')
  .option('--limits <file>', 'safety limits')
  .option('--approved-by <name...>', 'who approved a reach that needs it')
  .option('--json', 'print the result as JSON')
  .addHelpText(
    'after',
    `
Examples:
  $ faultline load peak-hours --target http://127.0.0.1:13000 --time-scale 20
  $ faultline load --file my-load.yaml --metrics http://127.0.0.1:3000/metrics --compare last

Exit codes: 0 every threshold is met, 1 one is missed or a regression found, 2 invalid input, 5 cannot be told,
6 refused by the safety limits or the target cannot be reached.`,
  )
  .action(async (profile: string | undefined, options: LoadFlags) =>
    finish(
      (await import('./load/index.ts')).load({ ...options, ...(profile === undefined ? {} : { profile }) }),
    ),
  );

program
  .command('prove-rollback')
  .argument('<experiment>', 'experiment file')
  .description(
    'Play the faults of an experiment against stand-ins, kill everything that can die, and see that nothing is left. Touches nothing of yours.',
  )
  .option('--limits <file>', 'safety limits, for their lease')
  .option('--json', 'print the outcome as JSON')
  .addHelpText('after', '\nExample:\n  $ faultline prove-rollback experiments/openai-outage-cascade.yaml')
  .action(async (file: string, options: { limits?: string; json?: boolean }) =>
    finish((await import('./prove-rollback.ts')).prove({ file, ...options })),
  );

program
  .command('audit')
  .argument('<suite>', 'suite file')
  .description(
    'Play a suite of checks, load and experiments, and say whether the system is production ready.',
  )
  .option('--limits <file>', 'safety limits (default: safety-limits.yaml beside the suite, or above it)')
  .option('--approved-by <name...>', 'who approved a reach that needs it')
  .option(
    '--notify <file>',
    'who is told of its runs and of its end (default: notify.yaml, where there is one)',
  )
  .option('--json', 'print the audit as JSON')
  .addHelpText(
    'after',
    `
Example:
  $ faultline audit experiments/suites/sandbox-audit.yaml

Exit codes: 0 production ready, 1 not ready or not shown, 2 invalid suite, 3 a run was aborted by safety,
4 a rollback is not proven (outranks all), 6 refused, or something in it was.`,
  )
  .action(async (file: string, options: AuditFlags) =>
    finish((await import('./audit.ts')).audit({ file, ...options, version })),
  );

program
  .command('faults')
  .argument('[type]', 'one fault, in full')
  .description('List the faults that can be injected, or explain one.')
  .addHelpText('after', '\nExamples:\n  $ faultline faults\n  $ faultline faults ai_ttft')
  .action(async (type: string | undefined) => finish((await import('./faults.ts')).faults(type)));

program
  .command('report')
  .argument('<run>', 'run id, the folder of a run, or "last"')
  .description(
    'Write the report of an old run again, from its journal and the earlier runs of its experiment.',
  )
  .option('--pdf', 'print it as report.pdf too, by a Chromium where there is one')
  .addHelpText(
    'after',
    `
Examples:
  $ faultline report last
  $ faultline report last --pdf

Beside report.html lie report.md (with blanks for your own words), report.json and report.junit.xml.`,
  )
  .action(async (run: string, options: { pdf?: boolean }) =>
    finish((await import('./report.ts')).report(run, options)),
  );

program
  .command('compare')
  .argument('<run>', 'run id, the folder of a run, or "last"')
  .argument('<run>', 'the other one')
  .description('Hold two runs of one experiment against each other, side by side in one report.')
  .option('--names <names...>', 'what to call them in the report, two words')
  .option('--out <folder>', 'where to write it (default: .faultline/compare/RUN--RUN)')
  .option('--force', 'also where they are runs of different experiments')
  .addHelpText(
    'after',
    '\nExample:\n  $ faultline compare 20261121-093000-openai-outage-cascade-ab12 last --names fragile resilient',
  )
  .action(
    async (first: string, second: string, options: { names?: string[]; out?: string; force?: boolean }) =>
      finish((await import('./compare.ts')).compare(first, second, options)),
  );

program
  .command('init')
  .argument('[file]', 'file to write', 'experiment.yaml')
  .description('Write a commented experiment to start from.')
  .addHelpText('after', '\nExample:\n  $ faultline init redis-latency.yaml')
  .action(async (file: string) => finish((await import('./init.ts')).init(file)));

program
  .command('demo')
  .description(
    'Play an OpenAI outage on a sandbox with a real Postgres and a real Redis; about a minute and a half.',
  )
  .option('--build <build>', 'build of the sandbox: fragile or resilient', 'fragile')
  .option('--with <name...>', 'switch single patterns on')
  .option('--without <name...>', 'switch single patterns off')
  .option('--notify <file>', 'who is told of the run (default: nobody)')
  .option('--json', 'print the journal as JSON lines')
  .addHelpText(
    'after',
    `
Examples:
  $ faultline demo
  $ faultline demo --build resilient
  $ faultline demo --build resilient --without breaker`,
  )
  .action(async (options: DemoFlags) =>
    finish((await import('./demo/index.ts')).demo({ ...options, version })),
  );

program
  .command('sandbox')
  .description(
    'Start the sandbox that the demo breaks, behind its proxies, to try things on; Ctrl-C ends it.',
  )
  .option('--build <build>', 'build of the sandbox: fragile or resilient', 'fragile')
  .option('--with <name...>', 'switch single patterns on')
  .option('--without <name...>', 'switch single patterns off')
  .addHelpText(
    'after',
    `
Examples:
  $ faultline sandbox
  $ faultline sandbox --build resilient --without breaker

It prints where everything listens, and what to try in another terminal.`,
  )
  .action(async (options: BuildFlags) => finish((await import('./sandbox.ts')).sandbox(options)));

// A log on a full disk, or a terminal that was closed: what goes on is not ended by that nobody can be told.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

async function finish(verb: Promise<number>): Promise<void> {
  process.exitCode = await verb;
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Says what went wrong, where nobody has said it yet. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.invalid;
  if (!(error instanceof FaultlineError || error instanceof FaultlineErrors)) throw error;
  process.stderr.write(`${error instanceof FaultlineErrors ? error.message : String(error)}\n`);
  return error.exitCode;
}
