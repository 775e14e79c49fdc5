import { type PreparedUse, readPreparedUse } from './sql-prepared.ts';
import { type Token, tokens } from './sql-tokens.ts';

/** One statement, as far as its words tell. */
export interface Statement {
  /** Its command tag without counts: `SELECT`, `CREATE TABLE`, `COMMIT`. */
  readonly command: string;
  /** How a read-only server names it when it refuses it: `INSERT`, `SELECT FOR UPDATE`; undefined where it does not. */
  readonly refused: string | undefined;
  /** What it does with a prepared statement, by SQL. */
  readonly prepared?: PreparedUse;
}

/** Statements looked at in one text. */
const MOST = 64;

/** The statements of a text. Of DO the body is looked into, of functions and procedures it is not known. */
export function readStatements(sql: string): readonly Statement[] {
  const found: Statement[] = [];
  let words: Token[] = [];
  const close = (end: number) => {
    if (words.length > 0) found.push(readStatement(words, sql.slice(0, end)));
    words = [];
  };
  for (const token of tokens(sql)) {
    if (token.word === ';' && token.depth === 0) close(token.from);
    else if (token.word !== ';') words.push(token);
    if (found.length === MOST) return found;
  }
  close(sql.length);
  return found;
}

const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** Refused by a read-only server whole, under their own names. */
const REFUSED = new Set([
  'COMMENT',
  'GRANT',
  'REVOKE',
  'TRUNCATE TABLE',
  'REFRESH MATERIALIZED VIEW',
  'SECURITY LABEL',
  'REASSIGN OWNED',
  'IMPORT FOREIGN SCHEMA',
  'DROP OWNED',
]);
/** Words between CREATE and the kind of what is created. */
const ADJECTIVES = new Set(
  'OR REPLACE GLOBAL LOCAL TEMP TEMPORARY UNLOGGED UNIQUE RECURSIVE TRUSTED PROCEDURAL DEFAULT CONSTRAINT'.split(
    ' ',
  ),
);
/** First words of kinds that have two. */
const DOUBLE = new Map([
  ['MATERIALIZED', 1],
  ['FOREIGN', 1],
  ['EVENT', 1],
  ['ACCESS', 1],
  ['OPERATOR', 0],
  ['TEXT', 2],
  ['USER', 0],
]);

/** `sql` is the text up to where the statement ends. */
function readStatement(words: readonly Token[], sql: string): Statement {
  const [first, second, third] = words.map(({ word }) => word);
  switch (first) {
    case 'WITH':
    case 'SELECT':
    case 'VALUES':
    case 'TABLE':
    case '(':
      return readSelect(words);
    case 'CREATE':
    case 'ALTER':
    case 'DROP':
      return readDefinition(first, words);
    case 'COPY': {
      const direction = words.find(({ word, depth }) => depth === 0 && (word === 'FROM' || word === 'TO'));
      return { command: 'COPY', refused: direction?.word === 'FROM' ? 'COPY FROM' : undefined };
    }
    case 'EXPLAIN':
      return readExplain(words, sql);
    case 'END':
      return plain('COMMIT');
    case 'ABORT':
      return plain('ROLLBACK');
    case 'ROLLBACK':
      return plain(words.some(({ word }) => word === 'TO') ? 'ROLLBACK TO' : prepared('ROLLBACK', second));
    case 'COMMIT':
      return plain(prepared('COMMIT', second));
    case 'START':
      return plain('START TRANSACTION');
    case 'PREPARE':
      if (second === 'TRANSACTION') return plain('PREPARE TRANSACTION');
      return { ...plain('PREPARE'), ...readPreparedUse(words, sql) };
    case 'EXECUTE':
    case 'DEALLOCATE':
    case 'DISCARD':
      return { ...plain(first), ...readPreparedUse(words, sql) };
    case 'DO':
      return { command: 'DO', refused: writeIn(sql.slice(words[0]!.to)) };
    case 'TRUNCATE':
      return refusedAs('TRUNCATE TABLE');
    case 'LOCK':
      return plain('LOCK TABLE');
    default: {
      if (first && WRITES.has(first)) return { command: first, refused: first };
      const long = [first, second, third].join(' ');
      const short = [first, second].join(' ');
      const command = REFUSED.has(long) ? long : REFUSED.has(short) ? short : (first ?? '');
      return REFUSED.has(command) ? refusedAs(command) : plain(command);
    }
  }
}

/** SELECT and all that may stand in its place after WITH. */
function readSelect(words: readonly Token[]): Statement {
  const main =
    words[0]!.word === 'WITH'
      ? words.find(
          ({ word, depth }) => depth === 0 && (word === 'SELECT' || word === 'VALUES' || WRITES.has(word)),
        )
      : undefined;
  if (main && WRITES.has(main.word)) return { command: main.word, refused: main.word };
  const command = 'SELECT';
  if (hasModifyingPart(words)) return { command, refused: 'SELECT' };
  for (const [index, { word, depth }] of words.entries()) {
    const next = words[index + 1]?.word ?? '';
    if (word === 'INTO' && depth === 0) return { command, refused: 'SELECT INTO' };
    if (word === 'FOR') {
      const strength = LOCKS.find((lock) => startsAt(words, index + 1, lock));
      if (strength) return { command, refused: `SELECT FOR ${strength.join(' ')}` };
    }
    if ((word === 'NEXTVAL' || word === 'SETVAL') && next === '(')
      return { command, refused: `${word.toLowerCase()}()` };
  }
  return plain(command);
}

const LOCKS = [['UPDATE'], ['NO', 'KEY', 'UPDATE'], ['SHARE'], ['KEY', 'SHARE']] as const;

function startsAt(words: readonly Token[], index: number, wanted: readonly string[]): boolean {
  return wanted.every((word, offset) => words[index + offset]?.word === word);
}

/** A part of WITH that writes begins right behind its bracket. */
function hasModifyingPart(words: readonly Token[]): boolean {
  return words.some(({ word }, index) => WRITES.has(word) && words[index - 1]?.word === '(');
}

function readDefinition(verb: string, words: readonly Token[]): Statement {
  const rest = words.slice(1).map(({ word }) => word);
  const start = Math.max(
    rest.findIndex((word) => !ADJECTIVES.has(word)),
    0,
  );
  const [kind = '', second = '', third = ''] = rest.slice(start);
  const double = DOUBLE.get(kind);
  const parts = [kind];
  if (double === 1 && kind === 'FOREIGN' && second === 'DATA') parts.push(second, third);
  else if (double === 1 || double === 2) parts.push(second, ...(double === 2 ? [third] : []));
  else if (kind === 'OPERATOR' && (second === 'CLASS' || second === 'FAMILY')) parts.push(second);
  else if (kind === 'USER' && second === 'MAPPING') parts.push(second);
  const named = parts.filter(Boolean).join(' ');
  const command = `${verb} ${named === 'USER' || named === 'GROUP' ? 'ROLE' : named}`;
  const filled = verb === 'CREATE' && named === 'TABLE' && createsFromQuery(words);
  return refusedAs(filled ? 'CREATE TABLE AS' : command);
}

function createsFromQuery(words: readonly Token[]): boolean {
  return words.some(
    ({ word, depth }, index) =>
      word === 'AS' &&
      depth === 0 &&
      ['SELECT', 'WITH', 'VALUES', 'TABLE', 'EXECUTE', '('].includes(words[index + 1]?.word ?? ''),
  );
}

/** The body of a DO, and a language behind it or before it. */
const BODY = /\$(\w*)\$(.*?)(?:\$\1\$|$)|'((?:[^']|'')*)/s;

/**
 * What a block of code would be refused for where it writes: the block itself may run on a replica, and fails at its first
 * write. Whether that is reached is not known; one that writes anywhere is taken for one that does.
 */
function writeIn(code: string): string | undefined {
  const [, , dollar, quoted] = BODY.exec(code) ?? [];
  const words = [...tokens(dollar ?? quoted?.replaceAll("''", "'") ?? '')];
  for (const [index, { word }] of words.entries()) {
    const next = words[index + 1]?.word;
    if (word === 'UPDATE' && words[index - 1]?.word !== 'FOR') return word;
    if ((word === 'INSERT' || word === 'MERGE') && next === 'INTO') return word;
    if (word === 'DELETE' && next === 'FROM') return word;
    if (word === 'TRUNCATE') return 'TRUNCATE TABLE';
  }
  return undefined;
}

/** Only EXPLAIN ANALYZE runs its statement. */
function readExplain(words: readonly Token[], sql: string): Statement {
  const runs = words.some(({ word }) => word === 'ANALYZE' || word === 'ANALYSE');
  const inner = words.findIndex(
    ({ word, depth }, index) =>
      index > 0 &&
      depth === 0 &&
      (word === 'WITH' || word === 'SELECT' || word === 'CREATE' || word === 'EXECUTE' || WRITES.has(word)),
  );
  if (!runs || inner < 0) return plain('EXPLAIN');
  return { ...readStatement(words.slice(inner), sql), command: 'EXPLAIN' };
}

function prepared(verb: string, second: string | undefined): string {
  return second === 'PREPARED' ? `${verb} PREPARED` : verb;
}

function plain(command: string): Statement {
  return { command, refused: undefined };
}

function refusedAs(command: string): Statement {
  return { command, refused: command };
}
