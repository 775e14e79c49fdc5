import { INK } from './paint.ts';

/** A panel's name on the left and a note on the right, above its frame. */
export function panelTitle(
  { name, note, color }: { readonly name: string; readonly note: string; readonly color: string },
  top: number,
  { width, narrow }: { readonly width: number; readonly narrow: boolean },
) {
  const common = { padding: 0, itemGap: 0 };
  return [
    {
      ...common,
      top: top + 16,
      left: narrow ? 4 : 8,
      text: name,
      textStyle: { color: INK.text, fontSize: 13, fontWeight: 600 as const },
    },
    {
      ...common,
      top: top + 17,
      // Anchored by its end: how wide a text is cannot be known where no font is.
      left: width - (narrow ? 8 : 14),
      textAlign: 'right' as const,
      text: note,
      textStyle: { color, fontSize: 11, fontWeight: 400 as const },
    },
  ];
}
