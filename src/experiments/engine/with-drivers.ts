import { FaultlineError } from '../../core/errors.ts';
import type { DriverDeclaration } from '../../core/plan.ts';
import { expandVariables } from '../../core/secrets.ts';
import { type CompositeDriver, compositeDriver } from '../../drivers/composite.ts';
import type { LeasedDriver } from '../../drivers/leased/index.ts';
import { connectPostgresAdmin } from '../../drivers/postgres-admin/index.ts';
import { connectRedisAdmin } from '../../drivers/redis-admin/index.ts';
import { connectToxiproxy } from '../../drivers/toxiproxy/index.ts';
import type { HeldPlane } from './plane.ts';

export interface DriverContext {
  /** Name of the run, which its toxics carry. */
  readonly run: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of variables that may be expanded. */
  readonly allowed: readonly string[];
  /** Options for the node of a watchdog, such as a loader. */
  readonly execArgv?: readonly string[];
}

/** A data plane whose driver also carries faults to the drivers that an experiment declares. Nothing is sent to them yet. */
export function withDrivers(
  plane: HeldPlane,
  declarations: readonly DriverDeclaration[],
  context: DriverContext,
): HeldPlane {
  if (declarations.length === 0) return plane;
  const drivers = new Map(
    declarations.map((declaration) => [declaration.name, connect(declaration, context)] as const),
  );
  return join(plane, drivers);
}

function join(plane: HeldPlane, drivers: ReadonlyMap<string, LeasedDriver>): HeldPlane {
  const driver: CompositeDriver = compositeDriver(plane.driver, drivers);
  const { restart } = plane;
  return {
    ...plane,
    driver,
    ownIsEmpty: async () => (await plane.driver.state()).faults.length === 0,
    ...(restart ? { restart: async () => join(await restart(), drivers) } : {}),
    async release() {
      try {
        await driver.close();
      } finally {
        await plane.release?.();
      }
    },
  };
}

function connect(declaration: DriverDeclaration, context: DriverContext): LeasedDriver {
  const { name } = declaration;
  const { execArgv } = context;
  switch (declaration.driver) {
    case 'toxiproxy': {
      const { control } = declaration;
      return connectToxiproxy({ name, control, run: context.run, ...(execArgv ? { execArgv } : {}) });
    }
    case 'postgres-admin':
      return connectPostgresAdmin({ name, url: expand(declaration.url, name, context) });
    case 'redis-admin':
      return connectRedisAdmin({ name, url: expand(declaration.url, name, context) });
  }
}

function expand(url: string, driver: string, { environment, allowed }: DriverContext): string {
  const expanded = expandVariables(url, environment, allowed);
  if ('text' in expanded) return expanded.text;
  const why = expanded.why === 'not-set' ? 'is not set' : 'is not listed under "env" in safety-limits.yaml';
  throw new FaultlineError('INVALID', {
    where: `url of driver "${driver}"`,
    reason: `variable ${expanded.refused} ${why}`,
  });
}
