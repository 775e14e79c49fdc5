/** A section as every format tells it: words and tables, without markup. */
export interface Told {
  /** Its anchor. */
  readonly id: string;
  /** In the contents. */
  readonly name: string;
  readonly heading: string;
  readonly lede?: string;
  readonly blocks: readonly ToldBlock[];
}

export type ToldBlock =
  | { readonly list: readonly string[] }
  | { readonly table: ToldTable }
  /** As it is typed into a shell. */
  | { readonly command: string };

export interface ToldTable {
  readonly caption: string;
  readonly columns: readonly ToldColumn[];
  readonly rows: readonly (readonly ToldCell[])[];
}

export interface ToldColumn {
  readonly name: string;
  readonly kind?: 'num' | 'probe' | 'half';
}

export type ToldCell =
  | string
  | { readonly text: string; readonly tone: 'good' | 'bad' | 'muted' | 'code' }
  /** Leads to a path from where the report lies. */
  | { readonly text: string; readonly href: string };
