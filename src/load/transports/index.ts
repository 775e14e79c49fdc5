import type { LoadSpec } from '../../core/plan.ts';
import type { Transport } from '../play.ts';
import { httpTransport } from './http.ts';
import { redisTransport } from './redis.ts';

const BY_SCHEME: Readonly<Record<string, (target: string, connections: number) => Transport>> = {
  'http:': httpTransport,
  'https:': httpTransport,
  'redis:': redisTransport,
  'rediss:': redisTransport,
};

/** Schemes of targets that traffic can be sent to. */
export const SCHEMES = Object.keys(BY_SCHEME);

/** What speaks with a target, by the scheme of its address. */
export function transportTo({ target, connections }: Pick<LoadSpec, 'target' | 'connections'>): Transport {
  return BY_SCHEME[new URL(target).protocol]!(target, connections);
}
