import { INK } from './paint.ts';

/** A name that fits where it stands; the tables have it whole. */
export function short(name: string, most: number): string {
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}

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
      text: short(name, narrow ? 22 : 60),
      textStyle: { color: INK.text, fontSize: 14, fontWeight: 600 as const },
    },
    {
      ...common,
      top: top + 17,
      // Anchored by its end: how wide a text is cannot be known where no font is.
      left: width - (narrow ? 8 : 14),
      textAlign: 'right' as const,
      text: note,
      textStyle: { color, fontSize: 12, fontWeight: 400 as const },
    },
  ];
}
