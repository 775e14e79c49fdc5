import type { FaultSpec } from '../core/fault.ts';
import type { DriverDeclaration, DriverKind } from '../core/plan.ts';
import { didYouMean } from '../core/suggest.ts';
import type { AnyFault } from '../faults/contract.ts';
import { FAULTS } from '../faults/index.ts';
import type { AdminFaultFacts } from './admin/index.ts';
import { whyUnable } from './admin/unable.ts';
import { POSTGRES_ADMIN_FAULTS } from './postgres-admin/index.ts';
import { REDIS_ADMIN_FAULTS } from './redis-admin/index.ts';
import { TOXIPROXY_TYPES, whyUnable as whyUnableOnToxiproxy } from './toxiproxy/index.ts';

/** What is said of a fault whoever carries it. */
export type FaultFacts = Pick<
  AnyFault,
  | 'type'
  | 'attributes'
  | 'summary'
  | 'undo'
  | 'endsConnections'
  | 'endsNone'
  | 'lasting'
  | 'addedLatency'
  | 'explain'
>;

// biome-ignore lint/suspicious/noExplicitAny: a catalogue holds faults of every attribute type; each checks its own.
export type AnyAdminFacts = AdminFaultFacts<any>;

interface KindFacts {
  readonly kind: DriverKind;
  /** What it stands for, in a few words. */
  readonly what: string;
  readonly counts: boolean;
  /** Whether it can leave exempt traffic alone. */
  readonly exempts: boolean;
  /** Whether its faults act on proxies of its own. */
  readonly proxies: boolean;
  readonly types: readonly string[];
  /** Why it cannot apply a fault, as far as that can be told without asking; undefined when it can. */
  whyUnable(fault: Pick<FaultSpec, 'type' | 'match' | 'attributes' | 'toxicity'>): string | undefined;
}

const ADMIN: Readonly<Record<Exclude<DriverKind, 'toxiproxy'>, readonly AnyAdminFacts[]>> = {
  'postgres-admin': POSTGRES_ADMIN_FAULTS,
  'redis-admin': REDIS_ADMIN_FAULTS,
};

/** Faults that only drivers beside the data plane have, by type. */
export const ADMIN_FAULTS: ReadonlyMap<string, AnyAdminFacts> = new Map(
  Object.values(ADMIN)
    .flat()
    .map((fault) => [fault.type, fault]),
);

export const DRIVER_KINDS: ReadonlyMap<DriverKind, KindFacts> = new Map<DriverKind, KindFacts>([
  [
    'toxiproxy',
    {
      kind: 'toxiproxy',
      what: 'toxics of a Toxiproxy server',
      counts: false,
      exempts: false,
      proxies: true,
      types: TOXIPROXY_TYPES,
      whyUnable: whyUnableOnToxiproxy,
    },
  ],
  ['postgres-admin', administered('postgres-admin', 'commands to a Postgres server')],
  ['redis-admin', administered('redis-admin', 'commands to a Redis server')],
]);

/** A fault of the data plane or of a driver. */
export function factsOf(type: string): FaultFacts | undefined {
  return FAULTS.get(type) ?? ADMIN_FAULTS.get(type);
}

/** Whether a fault ends connections, by what its attributes say where that depends on them. */
export function endsConnections(type: string, attributes: unknown): boolean {
  const facts = factsOf(type);
  return facts?.endsConnections === true && facts.endsNone?.(attributes ?? {}) !== true;
}

/** Where a driver's target is. */
export function addressOf(declaration: DriverDeclaration): string {
  return 'url' in declaration ? declaration.url : declaration.control;
}

function administered(kind: keyof typeof ADMIN, what: string): KindFacts {
  const faults = new Map(ADMIN[kind].map((fault) => [fault.type, fault]));
  const types = [...faults.keys()];
  return {
    kind,
    what,
    counts: true,
    exempts: false,
    proxies: false,
    types,
    whyUnable(fault) {
      const facts = faults.get(fault.type);
      if (facts) return whyUnable(facts, fault);
      return `it knows only ${types.join(', ')}${didYouMean(fault.type, types)}`.replace(/\.$/, '');
    },
  };
}
