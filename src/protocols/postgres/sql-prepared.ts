import type { Token } from './sql-tokens.ts';

/** `PREPARE`, `EXECUTE`, and `DEALLOCATE` or `DISCARD ALL`, whose name is `undefined` where it stands for all. */
export type PreparedUse =
  | { readonly does: 'prepare'; readonly name: string; readonly sql: string }
  | { readonly does: 'execute'; readonly name: string }
  | { readonly does: 'forget'; readonly name: string | undefined };

const NAME = /^\s*(?:"((?:[^"]|"")*)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*))/;

/**
 * What a statement that begins with one of these words does; `sql` is the text up to where it ends. A comment before the
 * name hides it.
 */
export function readPreparedUse(words: readonly Token[], sql: string): { readonly prepared?: PreparedUse } {
  const [first, second] = words;
  const verb = first!.word;
  if (verb === 'DISCARD') {
    return second?.word === 'ALL' ? { prepared: { does: 'forget', name: undefined } } : {};
  }
  if (verb === 'DEALLOCATE') {
    const before = second?.word === 'PREPARE' ? second : first!;
    const name = nameAt(sql, before.to);
    if (name === undefined) return {};
    const all = words.at(-1)!.word === 'ALL';
    return { prepared: { does: 'forget', name: all ? undefined : name } };
  }
  const name = nameAt(sql, first!.to);
  if (name === undefined) return {};
  if (verb === 'EXECUTE') return { prepared: { does: 'execute', name } };
  const as = words.find(({ word, depth }, index) => index > 0 && depth === 0 && word === 'AS');
  return as ? { prepared: { does: 'prepare', name, sql: sql.slice(as.to) } } : {};
}

/** A name as the server keeps it: in small letters unless quoted. */
function nameAt(sql: string, at: number): string | undefined {
  const [, quoted, bare] = NAME.exec(sql.slice(at, at + 200)) ?? [];
  return quoted?.replaceAll('""', '"') ?? bare?.toLowerCase();
}
