import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { findTool } from '../src/sandbox/services/find-tool.ts';

/** Machine and versions, a line each. */
export async function describeMachine(): Promise<readonly string[]> {
  const [cpu] = os.cpus();
  const load = os.loadavg()[0]!.toFixed(2);
  return [
    `${os.cpus().length} × ${cpu?.model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}`,
    `Node.js ${process.versions.node}`,
    ...versionOf('haproxy', ['-v'], /version (\S+)/i),
    ...versionOf('toxiproxy-server', ['--version'], /(\d+\.\d+\S*)/),
    ...versionOf('redis-server', ['--version'], /v=(\S+)/),
    ...versionOf('pgbench', ['--version'], /(\d+\.\d+)/),
    `load average before the run: ${load}`,
  ];
}

function versionOf(program: string, args: readonly string[], pattern: RegExp): readonly string[] {
  const path = findTool(program);
  if (!path) return [`${program}: not on this machine`];
  try {
    const text = execFileSync(path, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [`${program} ${pattern.exec(text)?.[1] ?? '(version unknown)'}`];
  } catch {
    return [`${program} (version unknown)`];
  }
}
