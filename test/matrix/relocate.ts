import type { Plan } from '../../src/core/plan.ts';
import { DEMO_PORTS, type SandboxPorts } from '../../src/sandbox/index.ts';

export interface Relocated {
  readonly plan: Plan;
  readonly ports: SandboxPorts;
}

/** A plan against the demo's addresses, with every address of it on a port so much higher; its recorded source stays as it is. */
export function relocate(plan: Plan, shift: number): Relocated {
  const { source, ...rest } = plan;
  const ports = { ...DEMO_PORTS };
  for (const name of Object.keys(ports) as (keyof SandboxPorts)[]) {
    Object.assign(ports, { [name]: ports[name] + shift });
  }
  return { plan: { ...mapTexts(rest, (text) => shifted(text, shift)), source }, ports };
}

function shifted(text: string, shift: number): string {
  return text.replace(/\b127\.0\.0\.1:(\d+)/g, (_, port: string) => `127.0.0.1:${Number(port) + shift}`);
}

function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, change)])) as T;
}
