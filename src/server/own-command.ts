import { spawn } from 'node:child_process';

export interface OwnCommand {
  /** Program and first arguments that run this same Faultline. */
  readonly command: readonly string[];
  readonly cwd: string;
}

export interface Said {
  readonly exit: number;
  /** Lines of what it printed, errors included. */
  readonly said: readonly string[];
}

const PATIENCE_MS = 120_000;
const NOT_PROVEN = 4;

/**
 * A verb of this same Faultline in a process and a process group of its own: nothing here can hold it up, and the end of this
 * process is not its end. One that was killed, or could not be started, counts as not proven.
 */
export function ownVerb({ command, cwd }: OwnCommand, args: readonly string[]): Promise<Said> {
  const [program, ...first] = command;
  return new Promise((resolve) => {
    const child = spawn(program!, [...first, ...args], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk;
      });
    const done = (exit: number) => resolve({ exit, said: text.split('\n').filter(Boolean) });
    child.once('error', (error) => {
      text += error.message;
      done(NOT_PROVEN);
    });
    child.once('close', (code) => done(code ?? NOT_PROVEN));
  });
}
