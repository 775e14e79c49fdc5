import { command } from './command.ts';
import { headers } from './headers.ts';
import { health } from './health.ts';
import { keys } from './keys.ts';
import type { CheckKind } from './kind.ts';
import { http, postgres, prometheus, redis } from './measures.ts';
import { metrics } from './metrics.ts';
import { personal } from './personal.ts';
import { refuses } from './refuses.ts';

/** What a suite can check by itself, by the key that says so. */
export const CHECK_KINDS = {
  refuses,
  headers,
  keys,
  personal,
  metrics,
  health,
  command,
  http,
  postgres,
  redis,
  prometheus,
} as const;

export type CheckKindName = keyof typeof CHECK_KINDS;
export const CHECK_KIND_NAMES = Object.keys(CHECK_KINDS) as readonly CheckKindName[];

export function kindOf(name: CheckKindName): CheckKind {
  return CHECK_KINDS[name] as CheckKind;
}
