/** Type bytes of messages; the same letter means different things by direction. */
export const FROM_CLIENT = {
  bind: 0x42,
  close: 0x43,
  copyData: 0x64,
  copyDone: 0x63,
  copyFail: 0x66,
  describe: 0x44,
  execute: 0x45,
  flush: 0x48,
  functionCall: 0x46,
  parse: 0x50,
  password: 0x70,
  query: 0x51,
  sync: 0x53,
  terminate: 0x58,
} as const;

export const FROM_SERVER = {
  authentication: 0x52,
  backendKeyData: 0x4b,
  bindComplete: 0x32,
  closeComplete: 0x33,
  commandComplete: 0x43,
  copyBoth: 0x57,
  copyData: 0x64,
  copyDone: 0x63,
  copyIn: 0x47,
  copyOut: 0x48,
  dataRow: 0x44,
  emptyQuery: 0x49,
  error: 0x45,
  functionCallResponse: 0x56,
  negotiateVersion: 0x76,
  noData: 0x6e,
  notice: 0x4e,
  notification: 0x41,
  parameterDescription: 0x74,
  parameterStatus: 0x53,
  parseComplete: 0x31,
  portalSuspended: 0x73,
  ready: 0x5a,
  rowDescription: 0x54,
} as const;

export const CLIENT_TYPES: ReadonlySet<number> = new Set(Object.values(FROM_CLIENT));
export const SERVER_TYPES: ReadonlySet<number> = new Set(Object.values(FROM_SERVER));

/** As ReadyForQuery tells it: idle, in a transaction, in one that has failed. */
export type TransactionStatus = 'I' | 'T' | 'E';

export type Severity = 'ERROR' | 'FATAL';

/** An error as a server reports it. */
export interface ServerError {
  readonly severity: Severity;
  readonly sqlstate: string;
  readonly message: string;
}

/** ErrorResponse, with the severity in both its fields (servers since 9.6). */
export function errorResponse({ severity, sqlstate, message }: ServerError): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${sqlstate}`, `M${message}`];
  return frame(FROM_SERVER.error, Buffer.from(`${fields.map(withoutNul).join('\0')}\0\0`));
}

export function readyForQuery(status: TransactionStatus): Buffer {
  return frame(FROM_SERVER.ready, Buffer.from(status));
}

export function query(sql: string): Buffer {
  return frame(FROM_CLIENT.query, cString(sql));
}

/** Execute of a portal, all rows. */
export function execute(portal: string): Buffer {
  return frame(FROM_CLIENT.execute, Buffer.concat([cString(portal), Buffer.alloc(4)]));
}

export function parse(name: string, sql: string): Buffer {
  return frame(FROM_CLIENT.parse, Buffer.concat([cString(name), cString(sql), Buffer.alloc(2)]));
}

/** Bind without parameters, results as text. */
export function bind(portal: string, statement: string): Buffer {
  return frame(FROM_CLIENT.bind, Buffer.concat([cString(portal), cString(statement), Buffer.alloc(6)]));
}

export function closeStatement(name: string): Buffer {
  return frame(FROM_CLIENT.close, Buffer.concat([Buffer.from('S'), cString(name)]));
}

/** AuthenticationSASL: the server lists mechanisms by name. */
const SASL = 10;
const HEADER = 5;

/**
 * An authentication message as a server without TLS would send it: libpq takes the offer to bind the password to a TLS
 * session for an attack where it is in none. Undefined where there is no such offer.
 */
export function withoutBinding(message: Buffer): Buffer | undefined {
  if (message.length < HEADER + 4 || message.readInt32BE(HEADER) !== SASL) return undefined;
  const mechanisms = message
    .toString('latin1', HEADER + 4)
    .split('\0')
    .filter(Boolean);
  const plain = mechanisms.filter((mechanism) => !mechanism.endsWith('-PLUS'));
  if (plain.length === 0 || plain.length === mechanisms.length) return undefined;
  const names = Buffer.concat([...plain.map(cString), Buffer.alloc(1)]);
  return frame(FROM_SERVER.authentication, Buffer.concat([message.subarray(HEADER, HEADER + 4), names]));
}

/** The fields of an ErrorResponse's body by their letters, as far as it is there. */
export function errorFields(bytes: Buffer, start: number, end: number): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let at = start; at < end && bytes[at] !== 0; ) {
    const stop = endOfText(bytes, at + 1, end);
    fields.set(String.fromCharCode(bytes[at]!), bytes.toString('utf8', at + 1, stop));
    at = stop + 1;
  }
  return fields;
}

/** A text that ends with a zero byte; undefined where none does before `end`. */
export function readText(bytes: Buffer, start: number, end: number): string | undefined {
  const stop = endOfText(bytes, start, end);
  return stop < end ? bytes.toString('utf8', start, stop) : undefined;
}

/** Where a text ends: at its zero byte, or at `end` where that is not there. */
export function endOfText(bytes: Buffer, start: number, end: number): number {
  const stop = bytes.indexOf(0, start);
  return stop < 0 || stop > end ? end : stop;
}

function frame(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function cString(text: string): Buffer {
  return Buffer.from(`${withoutNul(text)}\0`);
}

// A zero byte would end the field, and what follows would be read as another.
function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
