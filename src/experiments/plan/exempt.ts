import { exemptsAny } from '../../core/fault.ts';
import type { SafetyLimits } from '../../core/limits.ts';
import { DRIVER_KINDS } from '../../drivers/catalogue.ts';
import { FAULTS } from '../../faults/index.ts';
import { missesHeaders } from '../../faults/misses-headers.ts';
import type { StepInput } from '../schema.ts';
import type { FaultPlaces } from './faults.ts';
import type { Problems } from './problems.ts';

/** Faults that could not leave alone what the limits exempt. */
export function checkExempt(
  steps: readonly StepInput[],
  { exempt }: SafetyLimits,
  { proxies, drivers }: FaultPlaces,
  problems: Problems,
): void {
  if (!exemptsAny(exempt)) return;
  const byHeader = Object.keys(exempt.headers).length > 0;
  for (const [index, step] of steps.entries()) {
    for (const [at, { type, proxy: name, driver: carrier }] of step.faults.entries()) {
      const path = ['steps', index, 'faults', at, 'type'];
      const driver = drivers.find((one) => one.name === carrier);
      if (driver && !DRIVER_KINDS.get(driver.driver)!.exempts) {
        const reason = 'it cannot leave alone the traffic that the safety limits exempt';
        const values = { driver: driver.name, kind: driver.driver, fault: type, reason };
        problems.add('DRIVER_CANNOT', values, path);
        continue;
      }
      const definition = FAULTS.get(type);
      const proxy = proxies.find((one) => one.name === name);
      if (byHeader && definition && proxy && missesHeaders(definition, proxy.protocol))
        problems.add('EXEMPT_NOT_SEEN', { type, proxy: proxy.name }, path);
    }
  }
}
