import { mkdirSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onPort } from './services/ports.ts';
import { whenReady } from './services/ready.ts';
import { restarted } from './services/restarted.ts';
import { type Supervised, startSupervised } from './services/supervised.ts';

const COMPILED = import.meta.url.endsWith('.js');

export interface ProgramOptions {
  readonly name: string;
  /** Folder beside this file whose `main` is run. */
  readonly entry: 'provider' | 'platform';
  /** Default: a free port. */
  readonly port?: number;
  /** Gets `provider.log` or `platform.log`; default: a temporary folder that ends with the program. */
  readonly logDir?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Path that answers 200 once the program is ready. */
  readonly ready: string;
  /** Time in ms after which a program that was ready and ended by itself is started again. Default: it is not. */
  readonly restartAfter?: number;
}

export interface Program {
  readonly url: string;
  readonly port: number;
  /** Of the process of the moment: another one after a restart. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts one of the sandbox's own Node programs and waits until it answers. */
export function startProgram(options: ProgramOptions): Promise<Program> {
  return onPort(options.port, options.name, async (port) => {
    const temporary = options.logDir === undefined;
    const folder = options.logDir ?? mkdtempSync(join(tmpdir(), 'faultline-sandbox-'));
    const start = (): Promise<Supervised> => {
      mkdirSync(folder, { recursive: true });
      return startSupervised({
        name: options.name,
        command: process.execPath,
        args: [...loaders(), entryFile(options.entry)],
        env: { ...options.env, PORT: String(port) },
        cwd: folder,
        logFile: join(folder, `${options.entry}.log`),
        grace: 2000,
        remove: temporary ? folder : undefined,
      });
    };
    const service = await start();
    const url = `http://127.0.0.1:${port}`;
    try {
      await whenReady(options.name, service, () => answers(url + options.ready));
    } catch (error) {
      await service.stop();
      throw error;
    }
    const { restartAfter } = options;
    const kept = restartAfter === undefined ? service : restarted(service, restartAfter, start);
    return {
      url,
      port,
      get pid() {
        return kept.pid;
      },
      stop: () => kept.stop(),
    };
  });
}

function entryFile(entry: string): string {
  return fileURLToPath(new URL(`./${entry}/main.${COMPILED ? 'js' : 'ts'}`, import.meta.url));
}

/** This process's own flags, less the debugger's; from source tsx is added where it is not among them. */
function loaders(): string[] {
  const inherited = process.execArgv.filter(
    (flag) => !/^--(inspect|watch|test|cpu-prof|heap-prof)/.test(flag),
  );
  if (COMPILED) return inherited;
  if (inherited.some((flag) => flag.includes('tsx'))) return absolute(inherited);
  return ['--import', tsx()];
}

/** The child runs in another folder, so a loader named by its package alone would not be found. */
function absolute(flags: readonly string[]): string[] {
  return flags.map((flag) => flag.replace(/^(--import=)?tsx$/, (_, option = '') => option + tsx()));
}

function tsx(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
