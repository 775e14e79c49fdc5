import { isHttp, type Protocol } from '../core/protocol.ts';
import type { AnyFault } from './contract.ts';

/** Whether a fault acts on requests that have headers, and cannot see them: it acts on the connection that carries them. */
export function missesHeaders({ layer }: Pick<AnyFault, 'layer'>, protocol: Protocol): boolean {
  return isHttp(protocol) && layer !== 'http';
}
