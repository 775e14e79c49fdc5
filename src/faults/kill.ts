import { z } from 'zod';
import { formatDuration, formatShare } from '../core/units.ts';
import { ON_ANY_CONNECTION } from './any-connection.ts';
import { choice, milliseconds, share } from './attributes.ts';
import type { ListenerContext, ListenerFault } from './contract.ts';

const attributes = z.strictObject({
  fraction: share('Share of the live connections to close', 1),
  every: milliseconds('How often to do it; 0 does it once'),
  with: choice('How they are closed', ['fin', 'rst'], 'rst'),
});
type KillAttributes = z.output<typeof attributes>;

/** Closes live connections, once or again and again; new ones are let in. */
export const kill: ListenerFault<KillAttributes> = {
  ...ON_ANY_CONNECTION,
  type: 'kill',
  layer: 'listener',
  attributes,
  summary: 'Closes a share of the live connections',
  undo: 'no more are closed; those closed stay closed',
  endsConnections: true,
  addedLatency: () => 0,
  explain(killing) {
    const how = killing.with === 'rst' ? 'a reset' : 'a FIN';
    const when = killing.every > 0 ? `every ${formatDuration(killing.every)}` : 'once';
    return `close ${formatShare(killing.fraction)} of live connections with ${how}, ${when}`;
  },
  create(context) {
    let cancel: (() => void) | undefined;
    let last = context.clock.now();
    const arm = () => {
      cancel?.();
      cancel = undefined;
      const { every } = context.attributes;
      if (every <= 0) return;
      cancel = context.clock.after(Math.max(0, last + every - context.clock.now()), () => {
        last = context.clock.now();
        strike(context);
        arm();
      });
    };
    strike(context);
    arm();
    return {
      updated: arm,
      release: () => cancel?.(),
    };
  },
};

/** Closes `fraction` of the live ones, drawn without favour; what is left of a whole connection is drawn as a chance. */
function strike(context: ListenerContext<KillAttributes>): void {
  const live = [...context.live()];
  const wanted = live.length * context.attributes.fraction;
  const victims = Math.floor(wanted) + (context.random() < wanted % 1 ? 1 : 0);
  for (let taken = 0; taken < victims; taken++) {
    const pick = taken + Math.floor(context.random() * (live.length - taken));
    [live[taken], live[pick]] = [live[pick]!, live[taken]!];
    live[taken]!.close(context.attributes.with);
  }
}
