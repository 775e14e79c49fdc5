import { FaultlineError, FaultlineErrors } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason.ts';
import { maskUrls } from '../../core/secrets.ts';
import { EXIT } from '../../core/verdict.ts';
import { DEFAULT_CONTROL, findProxyConfig, readProxyConfig } from '../../proxy/config.ts';
import { DEFAULT_LIMITS } from '../../safety/limits/defaults.ts';
import { loadLimits } from '../../safety/limits/index.ts';
import { type Paint, paintFor } from '../progress/paint.ts';
import { CHECKS } from './checks/index.ts';
import { type Check, type Finding, refused, type Setup } from './contract.ts';

interface DoctorOptions {
  readonly experiments: string;
  readonly schedules: string;
  readonly limits?: string;
  readonly control?: string;
  readonly controlPlane: string;
  readonly json?: boolean;
}

interface Told extends Finding {
  readonly check: string;
}

const MARKS = { ok: '✓', warning: '!', refused: '✗' } as const;
const TONES = { ok: 'good', warning: 'warn', refused: 'bad' } as const;

/** `faultline doctor`: 0 when a run would begin, also with warnings; 6 when it would be refused. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const findings = await examine(setupOf(options, process.cwd(), process.env));
  const passes = findings.every(({ level }) => level !== 'refused');
  process.stdout.write(
    `${options.json ? JSON.stringify({ passes, findings }, null, 2) : tell(findings, paintFor(process.stdout))}\n`,
  );
  return passes ? 0 : EXIT.refused;
}

/** What each check finds, in their order; one that cannot look says why, for what cannot be told is no yes. */
async function examine(setup: Setup): Promise<readonly Told[]> {
  const found = await Promise.all(CHECKS.map((check) => look(check, setup)));
  return found.flat();
}

async function look(check: Check, setup: Setup): Promise<readonly Told[]> {
  const findings = await check.look(setup).catch((error: unknown) => {
    return [refused(`it cannot be told: ${maskUrls(reasonOf(error))}`, 'Mend that, and look again.')];
  });
  return findings.map((finding) => ({ check: check.name, ...finding }));
}

function setupOf(options: DoctorOptions, cwd: string, environment: Setup['environment']): Setup {
  const file = findProxyConfig(cwd, cwd);
  const config = file === undefined ? undefined : readable(() => readProxyConfig(file));
  return {
    cwd,
    environment,
    config,
    control: options.control ?? config?.control ?? DEFAULT_CONTROL,
    limits: readable(() => loadLimits({ file: options.limits, folder: cwd, cwd })) ?? DEFAULT_LIMITS,
    limitsFile: options.limits,
    experiments: options.experiments,
    schedules: options.schedules,
    controlPlane: options.controlPlane,
  };
}

/** What is wrong with a file is told by its own check. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FaultlineError || error instanceof FaultlineErrors) return undefined;
    throw error;
  }
}

function tell(findings: readonly Told[], paint: Paint): string {
  const lines = findings.flatMap(({ level, check, says, remedy }) => [
    `${paint(TONES[level], MARKS[level])} ${paint('strong', check)}: ${says}`,
    ...(remedy === undefined ? [] : [`    ${remedy}`]),
  ]);
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count('refused'), count('warning')];
  const end =
    problems > 0
      ? `A run would be refused: ${problems} to mend${warnings > 0 ? `, ${warnings} to look at` : ''}.`
      : `A run would begin${warnings > 0 ? `; ${warnings} to look at` : ''}.`;
  return [...lines, '', paint('strong', end)].join('\n');
}
