import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ERRORS, type ErrorCode, FaultlineError } from '../../core/errors.ts';
import type { Owner } from '../../core/journal.ts';
import type { ProxyDeclaration } from '../../core/protocol.ts';
import { isGone } from '../process.ts';
import { withMessage } from './client.ts';
import { identifyDataPlane } from './identify.ts';

export interface StartOptions {
  /** `host:port` of its control API; port 0 takes a free one. */
  readonly control: string;
  readonly proxies: readonly ProxyDeclaration[];
  /** Host names with dots that its control API answers to. */
  readonly allowedHosts?: readonly string[];
  /** Folder for `data-plane.json`, `data-plane.log` and the declaration. */
  readonly folder: string;
  /** It ends by itself a minute after this process; without it, it stays until it is stopped. */
  readonly owner?: Owner;
  readonly ownerGrace?: string;
  /** Script of the data plane's process; by default the one beside this. */
  readonly entry?: string;
  /** Options for node, such as a loader; by default those of this process. */
  readonly execArgv?: readonly string[];
  /** How long it may take until every proxy listens, ms. */
  readonly withinMs?: number;
}

/** What `data-plane.json` holds. */
interface DataPlaneRecord extends Owner {
  readonly control: string;
  readonly instance: string;
}

/** A data plane in a process of its own. */
export interface StartedDataPlane extends DataPlaneRecord {
  /** Ends it, politely and then by force, and waits until it is gone. Harmless when it already is. */
  stop(): Promise<void>;
}

const RECORD = 'data-plane.json';
const LOG = 'data-plane.log';
const POLITE_MS = 5000;
/** pino's level of a fatal line. */
const FATAL = 60;

/**
 * Starts a data plane in its own process group, so that Ctrl-C reaches only the caller, and waits until it listens. It
 * outlives the caller: stop it, or hand its folder to `adoptDataPlane`.
 * @throws FaultlineError with the reason that the process itself gave (PORT_IN_USE, …), or DATA_PLANE_NOT_STARTED
 */
export async function startDataPlane(options: StartOptions): Promise<StartedDataPlane> {
  const { folder, withinMs = 30_000 } = options;
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, RECORD), { force: true });
  const log = join(folder, LOG);
  const logged = existsSync(log) ? statSync(log).size : 0;
  const child = spawnProcess(options);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });

  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const record = recordedDataPlane(folder);
    if (record) return started(record);
    if (ended) throw failure(log, logged, 'its process ended');
    await wait(25);
  }
  child.kill('SIGKILL');
  throw failure(log, logged, `its proxies did not listen within ${withinMs} ms`);
}

/** The data plane that an earlier run left in `folder`, if it still lives and answers as the one recorded there. */
export async function adoptDataPlane(folder: string): Promise<StartedDataPlane | undefined> {
  const record = recordedDataPlane(folder);
  if (!record || isGone(record)) return undefined;
  const identity = await identifyDataPlane(record.control);
  const ours = identity.kind === 'ours' || identity.kind === 'locked';
  return ours && identity.instance === record.instance ? started(record) : undefined;
}

function spawnProcess({
  control,
  proxies,
  allowedHosts,
  folder,
  owner,
  ownerGrace,
  entry,
  execArgv,
}: StartOptions): ChildProcess {
  const declaration = join(folder, 'data-plane.proxies.json');
  writeFileSync(declaration, JSON.stringify({ control, proxies, allowedHosts }));
  const log = openSync(join(folder, LOG), 'a');
  try {
    const child = spawn(
      process.execPath,
      [
        ...(execArgv ?? process.execArgv),
        entry ?? defaultEntry(),
        ...['--declaration', declaration, '--record', join(folder, RECORD)],
        ...(owner ? ['--owner', `${owner.pid}:${owner.startTime}`] : []),
        ...(ownerGrace ? ['--owner-grace', ownerGrace] : []),
      ],
      { detached: true, stdio: ['ignore', log, log], env: environment() },
    );
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** The data plane needs none of the caller's secrets but the token that it is to ask the caller for. */
function environment(): NodeJS.ProcessEnv {
  const needed =
    /^(PATH|HOME|TMPDIR|LANG|LC_\w+|TZ|NODE_(OPTIONS|ENV|EXTRA_CA_CERTS)|SSL_CERT_(FILE|DIR)|FAULTLINE_CONTROL_TOKEN(_FILE)?)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => needed.test(name)));
}

function defaultEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../../proxy/main.${extension}`, import.meta.url));
}

function started(record: DataPlaneRecord): StartedDataPlane {
  return {
    ...record,
    async stop() {
      signal(record, 'SIGTERM');
      const deadline = performance.now() + POLITE_MS;
      while (!isGone(record)) {
        if (performance.now() > deadline) signal(record, 'SIGKILL');
        await wait(20);
      }
    },
  };
}

function signal(record: DataPlaneRecord, name: NodeJS.Signals): void {
  // Its pid may by now belong to a stranger.
  if (isGone(record)) return;
  try {
    process.kill(record.pid, name);
  } catch {
    // Gone in between.
  }
}

/** The process that a run in `folder` started as its data plane, by its own record; it may have ended since. */
export function recordedDataPlane(folder: string): DataPlaneRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, RECORD), 'utf8')) as DataPlaneRecord;
  } catch {
    return undefined;
  }
}

/** What its own log gives as the reason, from byte `from` on. */
function failure(log: string, from: number, reason: string): FaultlineError {
  for (const line of readFileSync(log).subarray(from).toString().split('\n')) {
    const { level, code, msg } = parseLine(line);
    if (level !== FATAL || !msg) continue;
    if (code && Object.hasOwn(ERRORS, code)) return withMessage(code as ErrorCode, msg);
    return new FaultlineError('DATA_PLANE_NOT_STARTED', { reason: msg, log });
  }
  return new FaultlineError('DATA_PLANE_NOT_STARTED', { reason, log });
}

/** Node's own complaints land in the same file and are no JSON. */
function parseLine(line: string): { readonly level?: number; readonly code?: string; readonly msg?: string } {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
