/** A kill switch that is on: since when, why, and by whom where that is known. */
export interface Halt {
  readonly reason: string;
  /** Wall clock, RFC 3339. */
  readonly since: string;
  /** `user@host`, or the name that was given. */
  readonly by?: string;
}

/** Longest reason or name that is kept. */
const MOST = 500;

/** A reason or a name as one line that a terminal can be shown: control characters in it could rewrite what stands there. */
export function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, MOST);
}

/** ` by NAME`, or nothing. */
export function byWhom({ by }: { readonly by?: string | undefined }): string {
  return by === undefined ? '' : ` by ${by}`;
}
