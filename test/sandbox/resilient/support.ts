import { createMetrics } from '../../../src/sandbox/platform/metrics.ts';
import type { Task } from '../../../src/sandbox/platform/parts.ts';

export const TASK: Task = { id: '1', workspace_id: 2, title: 'Draft the reply', plan: 'enterprise' };

/** A registry of its own and a reader of it. */
export function meters() {
  const metrics = createMetrics();
  return {
    metrics,
    /** Sum over all labels, or over those with the given ones. */
    value: async (name: string, labels: Record<string, string | number> = {}): Promise<number> => {
      const found = await metrics.registry.getSingleMetric(name)?.get();
      if (!found) throw new Error(`no metric ${name}`);
      const fitting = found.values.filter((one) =>
        Object.entries(labels).every(
          ([label, value]) => (one.labels as Record<string, unknown>)[label] === value,
        ),
      );
      return fitting.reduce((sum, one) => sum + one.value, 0);
    },
  };
}
