import type { Owner } from '../../../core/journal.ts';
import { ownIdentity } from '../../../drivers/process.ts';
import { type Check, type Finding, ok, warning } from '../contract.ts';

/** No clock that is set shows a time before this release. */
const EARLIEST = Date.UTC(2026, 0, 1);

export const clock: Check = {
  name: 'clock',
  async look() {
    const before = performance.now();
    const wall = Date.now();
    return judgeClock(ownIdentity(), wall, performance.now() >= before);
  },
};

/** Whether processes can be told apart after a restart, and times be trusted. */
export function judgeClock(
  { bootId, startTime }: Owner,
  wallMs: number,
  forward: boolean,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (bootId === '' || startTime === '') {
    findings.push(
      warning(
        'this system tells no boot id or no start time of processes, so that a dead controller is known by its pid alone',
        'Run on Linux with /proc mounted, or check with "faultline recover" after a restart of the machine.',
      ),
    );
  }
  if (!forward)
    findings.push(warning('the monotonic clock runs backwards', 'Mend the clock of the machine.'));
  if (wallMs < EARLIEST) {
    const says = `the clock says ${new Date(wallMs).toISOString()}`;
    findings.push(warning(says, 'Set it: windows, freezes and schedules go by it.'));
  }
  return findings.length > 0 ? findings : [ok(`${new Date(wallMs).toISOString()}, boot id known`)];
}
