import { type ChildProcess, spawn } from 'node:child_process';
import type { ProbeSpec } from '../core/plan.ts';
import { ProbeFailure } from './reason.ts';
import { expandAll, type ProbeContext } from './secrets.ts';
import type { Source } from './timed.ts';

/** What a command gets of the controller's environment, beside its own `env`: no key that happens to be set there. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

/** Runs an argument list without a shell, its output unread; the value is the exit code. */
export function commandSource(spec: Extract<ProbeSpec, { kind: 'command' }>, context: ProbeContext): Source {
  const running = new Set<ChildProcess>();
  return {
    attempt: (signal) =>
      new Promise((resolve, reject) => {
        const env = { ...inherited(context), ...expandAll(spec.env, context) };
        const [program, ...args] = spec.run;
        // A process group of its own, so that what the command started is killed with it.
        const child = spawn(program!, args, { env, stdio: 'ignore', detached: true, shell: false });
        running.add(child);
        const kill = () => killGroup(child);
        signal.addEventListener('abort', kill, { once: true });
        const done = () => {
          running.delete(child);
          signal.removeEventListener('abort', kill);
        };
        child.once('error', (error) => {
          done();
          reject(error);
        });
        child.once('exit', (code, ended) => {
          done();
          kill();
          if (code === null) reject(new ProbeFailure(`the command was ended by ${ended}`));
          else resolve({ value: code });
        });
      }),
    close() {
      for (const child of running) killGroup(child);
    },
  };
}

function inherited(context: ProbeContext): Record<string, string> {
  const names = INHERITED.filter((name) => context.environment[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, context.environment[name]!]));
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
