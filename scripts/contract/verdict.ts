/** One comparison of the two servers. */
export interface Verdict {
  readonly title: string;
  readonly differs: boolean;
  /** Number of the decision record that this difference is listed with. */
  readonly record?: string;
  readonly theirs: string;
  readonly ours: string;
}

/** Neither a difference without a record, nor a record without a difference. */
export function stands({ differs, record }: Verdict): boolean {
  return differs === (record !== undefined);
}
