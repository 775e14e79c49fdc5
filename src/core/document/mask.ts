import { isAlias, isMap, isScalar, type Node, parseDocument, type Scalar, visit } from 'yaml';
import { CREDENTIAL_HEADERS, maskUrls } from '../secrets.ts';

/** A header with a credential in a comment, where there is no structure to go by. */
const IN_COMMENT = new RegExp(`(#.*?\\b(?:${[...CREDENTIAL_HEADERS].join('|')})["']?\\s*:\\s*)\\S.*$`, 'gim');

/**
 * A YAML text as it may be recorded: user info and query values of URLs, values of credential headers and of `env` masked,
 * all else as it stands, comments included. Values that are variables alone (`Bearer ${TOKEN}`) stay. Never throws.
 */
export function maskDocument(text: string): string {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  const edits = new Map<number, { end: number; by: string }>();
  const edit = (node: Scalar, by: string) => {
    if (node.range) edits.set(node.range[0], { end: node.range[1], by });
  };
  visit(document, {
    Pair(_, pair, parents) {
      const name = isScalar(pair.key) ? String(pair.key.value) : '';
      const section = sectionOf(parents);
      const secret =
        section === 'env' || (section === 'headers' && CREDENTIAL_HEADERS.has(name.toLowerCase()));
      const value = isAlias(pair.value) ? pair.value.resolve(document) : (pair.value as Node | null);
      if (secret && isScalar(value) && !isVariable(String(value.value))) edit(value, '"***"');
    },
    Scalar(_, node) {
      if (typeof node.value !== 'string' || !node.range || edits.has(node.range[0])) return;
      const masked = maskUrls(node.value);
      if (masked === node.value) return;
      const raw = text.slice(node.range[0], node.range[1]);
      edit(node, raw.includes(node.value) ? raw.replace(node.value, () => masked) : JSON.stringify(masked));
    },
  });
  const inOrder = [...edits].sort(([left], [right]) => right - left);
  const edited = inOrder.reduce(
    (result, [start, { end, by }]) => result.slice(0, start) + by + result.slice(end),
    text,
  );
  return edited.replace(IN_COMMENT, '$1***').replace(/#.*$/gm, maskUrls);
}

/** The key under which the map of a pair stands. */
function sectionOf(parents: readonly unknown[]): string | undefined {
  const map = parents.at(-1);
  const pair = parents.at(-2) as { key?: unknown } | undefined;
  return isMap(map) && isScalar(pair?.key) ? String(pair.key.value) : undefined;
}

function isVariable(value: string): boolean {
  return /^\s*(?:(?:bearer|basic|token)\s+)?(?:\$\{\w+\}\s*)+$/i.test(value);
}
