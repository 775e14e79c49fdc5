import { styleText } from 'node:util';
import type { Tone } from './milestones.ts';

/** Colours a text by what it means. */
export type Paint = (tone: Tone | 'strong', text: string) => string;

const STYLES = { good: 'green', bad: 'red', warn: 'yellow', quiet: 'gray', strong: 'bold' } as const;

export const plainPaint: Paint = (_tone, text) => text;

const colourPaint: Paint = (tone, text) => (tone === 'plain' ? text : styleText(STYLES[tone], text));

/** Colours where the stream is a terminal and nobody said no (`NO_COLOR`). */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  return stream.isTTY && !process.env.NO_COLOR ? colourPaint : plainPaint;
}
