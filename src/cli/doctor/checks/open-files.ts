import { readFileSync } from 'node:fs';
import { mostConnections } from '../../../proxy/open-files.ts';
import { type Check, type Finding, ok, warning } from '../contract.ts';

const ENOUGH = 1000;

export const openFiles: Check = {
  name: 'open files',
  async look() {
    try {
      return [judgeOpenFiles(readFileSync('/proc/self/limits', 'utf8'))];
    } catch {
      return [ok('the limit of open files cannot be told on this system')];
    }
  },
};

/** Whether the limit that `/proc/self/limits` tells leaves room for a system's connections. */
export function judgeOpenFiles(limits: string): Finding {
  const connections = mostConnections(limits);
  if (connections === Number.POSITIVE_INFINITY) return ok('no limit of open files');
  const says = `the limit of open files leaves room for ${connections} connections through the proxies`;
  if (connections >= ENOUGH) return ok(says);
  return warning(says, 'Raise it: "ulimit -n 65536", or LimitNOFILE=65536 in the systemd unit.');
}
