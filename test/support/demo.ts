import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished, startScript } from './processes.ts';

/** What demo and sandbox listen on. */
const PORTS = [8474, 13000, 14010, 14011, 15431, 15432, 16378, 16379];

/** Those of them that are open. */
export async function listening(): Promise<number[]> {
  const open = await Promise.all(
    PORTS.map(
      (port) =>
        new Promise<boolean>((answer) => {
          const socket = connect({ host: '127.0.0.1', port }, () => {
            socket.destroy();
            answer(true);
          });
          socket.once('error', () => answer(false));
        }),
    ),
  );
  return PORTS.filter((_, index) => open[index]);
}

/** A demo that begins in a folder of its own. */
export class Demo {
  readonly cwd: string = mkdtempSync(join(tmpdir(), 'faultline-demo-'));
  readonly child: ChildProcess = startScript('src/cli/main.ts', ['demo'], { cwd: this.cwd });

  /** Ends it as Ctrl-C does, where it still goes on. */
  async end(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGINT');
      await finished(this.child);
    }
    rmSync(this.cwd, { recursive: true, force: true });
  }
}
