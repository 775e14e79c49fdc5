import { CHECKS, PHASES, type PhaseId } from './catalogue.ts';
import type { AssessedCheck, Finding, Phase, PlanItem } from './contract.ts';

const WEEKS = 2;

/**
 * What to do, in four phases of two weeks. What mends a finding stands in the phase of its check, what is critical in the
 * first; the last phase assesses what was not, and tests all findings again.
 * @param retestAll command that plays the audit again
 */
export function planPhases(
  findings: readonly Finding[],
  checks: readonly AssessedCheck[],
  retestAll: string,
): readonly Phase[] {
  const phaseOf = ({ check, severity }: Finding): PhaseId =>
    severity === 'critical' ? 'stability' : CHECKS[check].phase;
  return PHASES.map(({ id, title }, index) => ({
    id,
    title,
    weeks: `weeks ${index * WEEKS + 1} and ${index * WEEKS + WEEKS}`,
    items:
      id === 'validation'
        ? validation(findings, checks, retestAll)
        : mending(findings.filter((finding) => phaseOf(finding) === id)),
  }));
}

/** One item for each remedy: findings that are mended alike are mended together. */
function mending(findings: readonly Finding[]): readonly PlanItem[] {
  return [...new Set(findings.map(({ remedy }) => remedy))].map((remedy) => {
    const mended = findings.filter((finding) => finding.remedy === remedy);
    return {
      severity: mended[0]!.severity,
      action: remedy,
      mends: mended.map(({ id }) => id),
      retest: [...new Set(mended.map(({ retest }) => retest))],
    };
  });
}

function validation(
  findings: readonly Finding[],
  checks: readonly AssessedCheck[],
  retestAll: string,
): readonly PlanItem[] {
  const missing = checks.filter(({ status, optional }) => status === 'not assessed' && optional === null);
  const assessing = missing.map(({ check }) => ({
    severity: null,
    action: `Assess ${CHECKS[check].title.toLowerCase()} by ${CHECKS[check].assessedBy}.`,
    mends: [check],
    retest: [],
  }));
  if (findings.length + missing.length === 0) return [];
  const again = {
    severity: null,
    action: 'Play the audit again, all of it.',
    mends: findings.map(({ id }) => id),
    retest: [retestAll],
  };
  return [...assessing, again];
}
