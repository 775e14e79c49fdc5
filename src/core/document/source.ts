import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  visit,
} from 'yaml';
import { type ErrorCode, FaultlineError, FaultlineErrors, type SourcePlace } from '../errors.ts';
import { maskUrls } from '../secrets.ts';
import { formatSize } from '../units.ts';

/** Keys and list indexes from the top of a document. */
export type Path = readonly PropertyKey[];
export type Of = 'key' | 'value';

export interface Source {
  readonly data: unknown;
  placeOf(path: Path, of?: Of): SourcePlace;
}

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 48;
/** A small file can name itself into gigabytes ("billion laughs"): each level of aliases multiplies the one below. */
const MAX_ALIASES = 100;
/** A broken bracket can break every line after it. */
const MAX_SYNTAX_ERRORS = 10;

/** @throws FaultlineErrors when the text is not YAML that can be read safely */
export function readSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const placeAt = (offset: number): SourcePlace => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const fail: Fail = (code, values, offset = 0) => new FaultlineError(code, values, placeAt(offset));

  const size = Buffer.byteLength(text);
  if (size > MAX_BYTES) {
    const values = { size: formatSize(size), limit: formatSize(MAX_BYTES) };
    throw new FaultlineErrors([fail('FILE_TOO_LARGE', values)]);
  }
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) {
    const detail = `Lists and maps are nested more than ${MAX_DEPTH} deep.`;
    throw new FaultlineErrors([fail('YAML_SYNTAX', { detail }, deep)]);
  }
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  const [document, second] = [...composer.compose(tokens, true, text.length)] as Document.Parsed[];
  const errors = document!.errors
    .slice(0, MAX_SYNTAX_ERRORS)
    .map((error) => fail('YAML_SYNTAX', { detail: sentence(maskUrls(error.message)) }, error.pos[0]));
  if (second) {
    const detail = 'A second document begins here; a file holds one.';
    errors.push(fail('YAML_SYNTAX', { detail }, second.range[0]));
  }
  if (errors.length === 0) errors.push(...refuse(document!, fail, placeAt));
  if (errors.length > 0) throw new FaultlineErrors(errors);
  return { data: toData(document!, fail), placeOf: (path, of) => placeAt(offsetOf(document!, path, of)) };
}

/**
 * Where nesting passes the cap. The parser's tokens are walked with a stack of our own, because what turns them into nodes is
 * recursive: a file of brackets alone would exhaust the process's stack, and with it take the process down.
 */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const stack: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { token, depth } = top;
    if (depth > MAX_DEPTH) return token.offset;
    if ('value' in token && typeof token.value === 'object') stack.push({ token: token.value, depth });
    for (const { key, value } of 'items' in token ? token.items : []) {
      if (key) stack.push({ token: key, depth: depth + 1 });
      if (value) stack.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}

type Fail = (code: ErrorCode, values: Record<string, unknown>, offset?: number) => FaultlineError;

/** Duplicate keys, and aliases that lead nowhere or to themselves. */
function refuse(document: Document, fail: Fail, placeAt: (offset: number) => SourcePlace): FaultlineError[] {
  const errors: FaultlineError[] = [];
  visit(document, {
    Node(_, node, parents) {
      if (isAlias(node)) {
        const target = node.resolve(document);
        const why = !target
          ? 'has no anchor before it'
          : parents.includes(target) && 'stands within its own anchor';
        if (why)
          errors.push(fail('YAML_SYNTAX', { detail: `Alias "*${node.source}" ${why}.` }, startOf(node)));
      }
      if (!isMap(node)) return undefined;
      const first = new Map<string, number>();
      for (const pair of node.items) {
        const key = keyOf(pair);
        const offset = startOf(pair.key as Node | null);
        const line = first.get(key);
        if (line === undefined) first.set(key, placeAt(offset).line);
        else {
          const where = wordsOf(pathTo(parents, node));
          errors.push(fail('DUPLICATE_KEY', { key, where, line }, offset));
        }
      }
      return undefined;
    },
  });
  return errors;
}

function toData(document: Document, fail: Fail): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error;
    let offset = 0;
    visit(document, {
      Alias(_, node) {
        offset = startOf(node);
        return visit.BREAK;
      },
    });
    throw new FaultlineErrors([
      fail('YAML_SYNTAX', { detail: 'Aliases repeat too much of the file.' }, offset),
    ]);
  }
}

/** Where the value at `path` begins, or its key; the nearest parent's where there is none. */
function offsetOf(document: Document, path: Path, of: Of = 'value'): number {
  let node = document.contents as Node | null;
  let offset = startOf(node);
  for (const [depth, part] of path.entries()) {
    const collection = isAlias(node) ? node.resolve(document) : node;
    const last = depth === path.length - 1;
    if (isMap(collection)) {
      const pair = collection.items.find((item) => keyOf(item) === String(part));
      if (!pair) return offset;
      node = pair.value as Node | null;
      // A map under a key begins on the next line; the key is what the eye looks for.
      const atKey = (last && of === 'key') || isEmpty(node) || (isCollection(node) && !node.flow);
      offset = startOf((atKey ? pair.key : node) as Node | null);
    } else if (isSeq(collection)) {
      node = (collection.items[Number(part)] ?? null) as Node | null;
      if (!node) return offset;
      offset = startOf(node);
    } else return offset;
  }
  return offset;
}

/** `steps[1].faults[0].type`; `the file` for its top. */
export function wordsOf(path: Path): string {
  if (path.length === 0) return 'the file';
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const name = /^[\w*-]+$/.test(String(part)) ? String(part) : JSON.stringify(String(part));
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

function pathTo(parents: readonly unknown[], node: unknown): Path {
  const path: PropertyKey[] = [];
  for (const [index, parent] of parents.entries()) {
    const child = parents[index + 1] ?? node;
    if (isPair(parent)) path.push(keyOf(parent));
    else if (isSeq(parent)) path.push(parent.items.indexOf(child));
  }
  return path;
}

function keyOf(pair: Pair): string {
  const { key } = pair;
  if (isScalar(key)) return key.value === null ? '' : String(key.value);
  return key === null ? '' : String(key);
}

function isEmpty(node: Node | null): boolean {
  return !node || (isScalar(node) && node.value === null);
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function sentence(text: string): string {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
