import type { Clock } from '../../core/clock.ts';
import type { Attributes } from '../../core/fault.ts';
import type { AdminValues, Engaged } from './fault.ts';

/**
 * A fault that does something at once, and again every so often: what is done is done, so that taking it back only ends the
 * repetition.
 * @param act one round, numbered from 0; the first decides whether the fault comes into force
 */
export async function inRounds<A extends Attributes & { readonly every: number }>(
  clock: Clock,
  first: AdminValues<A>,
  act: (values: AdminValues<A>, round: number) => Promise<void>,
): Promise<Engaged<A>> {
  let values = first;
  let alive = true;
  let ended = false;
  let cancel = () => {};
  let round = 0;
  let acting: Promise<void> = Promise.resolve();
  const next = () => {
    const { every } = values.attributes;
    if (ended || !alive || every <= 0) return;
    cancel = clock.after(every, () => {
      acting = act(values, round++).then(next, () => {
        alive = false;
      });
    });
  };
  await act(values, round++);
  next();
  return {
    async renew(now) {
      values = now;
    },
    async release() {
      ended = true;
      cancel();
      await acting;
    },
    get alive() {
      return alive;
    },
  };
}
