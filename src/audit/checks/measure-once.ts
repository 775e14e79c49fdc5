import type { ProbeSpec } from '../../core/plan.ts';
import type { Sample } from '../../core/ports.ts';
import { createProbe } from '../../probes/index.ts';
import type { Told } from '../contract.ts';
import { type CheckContext, NOTHING } from './kind.ts';

type OneOf<Spec> = Spec extends ProbeSpec
  ? Omit<Spec, 'name' | 'everyMs' | 'timeoutMs' | 'windowMs' | 'expect'>
  : never;

/** Measures once with a probe; whether it holds is told by its sample. No answer is no flaw: it tells nothing. */
export async function measureOnce(
  spec: OneOf<ProbeSpec>,
  holds: (sample: Pick<Sample, 'status' | 'value'>) => boolean,
  expected: string,
  { variables, timeoutMs, signal, check }: CheckContext,
): Promise<Told> {
  const { name, says = name, severity = 'high', remedy } = check;
  const times = { everyMs: timeoutMs, timeoutMs, windowMs: timeoutMs, expect: [] };
  const probe = createProbe({ ...spec, ...times, name } as ProbeSpec, variables);
  try {
    const sample = await probe.measure(signal);
    const found = sample.value === undefined ? `status ${sample.status}` : `value ${sample.value}`;
    if (!sample.ok) return { ...NOTHING, untold: [sample.reason ?? 'the measurement failed'] };
    if (holds(sample)) return { ...NOTHING, shown: [`${clause(says)} (${found})`] };
    const flaw = {
      slug: 'missed',
      severity,
      claim: `It does not hold that ${clause(says)}.`,
      evidence: [`${found}, expected ${expected}`],
      remedy: remedy ?? `Mend it until the check "${name}" holds.`,
    };
    return { ...NOTHING, flaws: [flaw] };
  } finally {
    await probe.close();
  }
}

/** A sentence, as it stands inside another. */
function clause(text: string): string {
  const plain = text.replace(/\.$/, '');
  return /^[A-Z][a-z]/.test(plain) ? plain[0]!.toLowerCase() + plain.slice(1) : plain;
}
