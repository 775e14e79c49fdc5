import type { Arguments } from './keys.ts';

/**
 * Commands whose replies tell where other nodes are. Others of the same containers carry what users have stored, such as the
 * keys of `CLUSTER GETKEYSINSLOT`, which are never touched.
 */
const TELLING: Readonly<Record<string, ReadonlySet<string> | 'always'>> = {
  CLUSTER: new Set(['NODES', 'REPLICAS', 'SHARDS', 'SLAVES', 'SLOTS']),
  INFO: 'always',
  ROLE: 'always',
  SENTINEL: new Set([
    'GET-MASTER-ADDR-BY-NAME',
    'MASTER',
    'MASTERS',
    'REPLICAS',
    'SENTINEL',
    'SENTINELS',
    'SLAVE',
    'SLAVES',
  ]),
};

/** Whether a command is answered with addresses of nodes. */
export function tellsAddresses(given: Arguments): boolean {
  const telling = TELLING[given.command.name];
  return telling === 'always' || (telling?.has(given.word(1)) ?? false);
}

/** Whether only Cluster and Sentinel answer such a command, so that its success says what the server is. */
export function isForNodes(name: string): boolean {
  return name === 'CLUSTER' || name === 'SENTINEL';
}

/** Whether an error sends the client elsewhere. */
export function isRedirection(error: string): boolean {
  return /^(MOVED|ASK) \d/.test(error);
}
