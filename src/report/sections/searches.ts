import { ofType } from '../../lessons/view/clock.ts';
import type { RunView } from '../../lessons/view/view.ts';

/** Spans from a try of a search to the next step that is none: what was missed in them is what was looked for. */
function searchSpans(view: RunView): readonly { readonly from: number; readonly to: number }[] {
  const spans: { from: number; to: number }[] = [];
  let open = false;
  for (const { at, step } of ofType(view.events, 'step-applied')) {
    const last = spans.at(-1);
    if (open && last) last.to = at;
    open = view.plan?.steps[step]?.search !== undefined;
    if (open) spans.push({ from: at, to: Number.POSITIVE_INFINITY });
  }
  return spans;
}

export function inSearch(view: RunView, at: number): boolean {
  return searchSpans(view).some(({ from, to }) => at >= from && at < to);
}
