import { byWhom, type Halt } from './halt.ts';

/**
 * Every error that a user can meet, in one table: its HTTP status, the exit code it leads to, and its sentence.
 * `{name}` in a sentence is replaced by the value of that name; a sentence quotes the bad value and says what to do.
 */
const TABLE = {
  // Reading files
  FILE_NOT_FOUND: row(404, 2, 'Cannot read {path}: {reason}. Check the path.'),
  YAML_SYNTAX: row(400, 2, '{detail}'),
  UNKNOWN_KEY: row(400, 2, 'Unknown key "{key}" in {where}.{suggestion}'),
  MISSING_KEY: row(400, 2, '{where} needs "{key}".'),
  BAD_VALUE: row(400, 2, '"{value}" is not valid for {where}: {expected}.{suggestion}'),
  WRONG_SHAPE: row(400, 2, '{where} is {shape}: {expected}.'),
  EMPTY_VALUE: row(400, 2, '{where} has no value: {expected}.'),
  INVALID: row(400, 2, '{where}: {reason}.'),
  DUPLICATE_KEY: row(400, 2, 'Key "{key}" stands twice in {where}; it is already on line {line}.'),
  FILE_TOO_LARGE: row(413, 2, 'The file has {size}; at most {limit} are read.'),
  BAD_DURATION: row(
    400,
    2,
    '"{value}" is not a duration: write it as 250ms, 4s, 2m or 1h, or as a bare number.',
  ),
  BAD_SIZE: row(
    400,
    2,
    '"{value}" is not a size: write it as 512B, 64KiB or 2MiB, or as a bare number of bytes.',
  ),
  BAD_SHARE: row(400, 2, '"{value}" is not a share: write it as 25% or as a number from 0 to 1.'),
  BAD_RATE: row(400, 2, '"{value}" is not a rate: write it as 20/min or 10/s, or as a bare number a second.'),
  BAD_EXPECTATION: row(
    400,
    2,
    '"{value}" is not an expectation: write an operator (< <= > >= == !=) and a number, as in "{example}".',
  ),

  // Faults
  UNKNOWN_FAULT: row(400, 2, 'There is no fault of type "{type}".{suggestion}'),
  FAULT_NOT_FOR_PROTOCOL: row(
    400,
    2,
    'Fault "{type}" cannot act on proxy "{proxy}", which speaks {protocol}; it acts on {protocols}.',
  ),
  UNKNOWN_PROXY: row(400, 2, 'Proxy "{proxy}" is not declared.{suggestion}'),
  MATCH_NOT_SEEN: row(400, 2, 'Fault "{type}" cannot match on "{key}": it sees {keys}.'),
  EXEMPT_NOT_SEEN: row(
    400,
    2,
    'Fault "{type}" acts on connections of proxy "{proxy}", before it can see the header that "exempt" spares: name the client under exempt.clients instead, or use a fault that acts on requests.',
  ),

  // Experiments and safety limits
  NO_PROXIES: row(
    400,
    2,
    'There are no proxies: declare them under "proxies:", or in a faultline.yaml beside this file or above it.',
  ),
  UNKNOWN_EXPERIMENT: row(404, 2, 'There is no experiment named "{experiment}".{suggestion}'),
  UNKNOWN_PROBE: row(400, 2, 'Probe "{probe}" is not declared.{suggestion}'),
  NAME_TAKEN: row(400, 2, 'Another {what} is named "{name}" already, on line {line}.'),
  MEASURE_NOT_SEEN: row(400, 2, 'A probe of kind {kind} has no {measure}; it has {measures}.'),
  BASELINE_TOO_SHORT: row(
    400,
    2,
    'A baseline of {baseline} gives probe "{probe}" about {samples} samples; rates and percentiles need {needed}.',
  ),
  VARIABLE_MISPLACED: row(
    400,
    2,
    '"{variable}" would not be expanded in {where}: variables stand only in url, headers and env of probes and load.',
  ),
  VARIABLE_NOT_LISTED: row(
    400,
    2,
    'Variable "{name}" may not be read from the environment: list it under "env:" in {limits}.',
  ),
  TARGET_DENIED: row(400, 2, 'Host "{host}" is denied by "{rule}" under targets in {limits}.'),
  TARGET_NOT_ALLOWED: row(
    400,
    2,
    'Host "{host}" is public: name it under targets.allow in {limits} if experiments may touch it.',
  ),
  PAST_LIMIT: row(400, 2, '{where} brings {measure} to {value}; {limit} at most is allowed by {limits}.'),
  LOOSER_RULE: row(
    400,
    2,
    '"{rule}" is looser than "{limit}", which holds by {limits} anyway: tighten it or leave it out.',
  ),
  LOOSER_TOLERANCE: row(
    400,
    2,
    '{where} tolerates {factor}x, more than the {limit}x of {limits}: tighten it or leave it out.',
  ),
  TOLERANCE_WITHOUT_TEST: row(
    400,
    2,
    '{where} means nothing while {limits} has "falseAbort: off": no probe is held against its baseline.',
  ),
  RULE_NOT_WATCHED: row(
    400,
    2,
    '{limits} aborts on probe "{probe}" ("{rule}"), which this experiment does not measure: add the probe.',
  ),

  // Load
  UNKNOWN_PROFILE: row(400, 2, 'There is no load profile "{profile}".{suggestion}'),
  LOAD_UNREACHABLE: row(
    503,
    6,
    'The target of the load, {target}, cannot be reached: {reason}. Start it, or give another.',
  ),
  LOAD_REFUSED: row(403, 6, 'The load was not sent, {gate}: {reason}.'),
  UNKNOWN_LOAD: row(404, 2, 'There is no result "{load}" of a load to compare with: {reason}.'),

  // Control API
  BAD_BODY: row(400, 2, 'The body is not valid: {reason}.'),
  EPOCH_SPENT: row(409, 6, 'Epoch {epoch} is spent; the highest seen is {highest}. Use a higher one.'),
  OTHER_RUN: row(409, 6, 'Run "{run}" holds a live lease on this data plane for another {expiresIn} ms.'),
  OTHER_INSTANCE: row(409, 6, 'This data plane is instance {instance}, not {asked}: it was restarted.'),
  HALTED: row(423, 6, 'Halted{by}: {reason}. Lift it with "faultline halt --lift" when it is safe.'),
  HOST_REFUSED: row(403, 6, 'Host "{host}" is not one this control port answers to.'),
  ORIGIN_REFUSED: row(403, 6, 'Origin "{origin}" may not use this control port.'),
  CONTROL_TOKEN_UNUSABLE: row(400, 2, 'The control token of {source} cannot be used: {reason}.'),
  CONTROL_TOKEN_REFUSED: row(
    401,
    6,
    'This control port asks for its token, as "Authorization: Bearer": set FAULTLINE_CONTROL_TOKEN, or FAULTLINE_CONTROL_TOKEN_FILE to the path of a file that holds it, to what the data plane was started with.',
  ),
  CONTROL_OPEN: row(
    409,
    6,
    'The control port is not opened on {address} without a token, since whoever reaches it can inject faults: set FAULTLINE_CONTROL_TOKEN or FAULTLINE_CONTROL_TOKEN_FILE, listen on 127.0.0.1, or start "faultline proxy --open-control" where the network keeps strangers out.',
  ),
  BODY_TOO_LARGE: row(413, 2, 'The body is larger than {limit}.'),
  INTERNAL: row(500, 6, 'Something unexpected went wrong: {reason}.'),

  // Data plane, as a process
  PORT_IN_USE: row(
    409,
    6,
    'Cannot listen on {address} for {what}: the port is in use. Free it or choose another.',
  ),
  CANNOT_LISTEN: row(500, 6, 'Cannot listen on {address} for {what}: {reason}.'),
  TLS_BAD_CERTIFICATE: row(
    400,
    2,
    '{path} holds no certificate that can be used: {reason}. Name one in PEM.',
  ),
  TLS_BAD_KEY: row(
    400,
    2,
    '{path} holds no private key that can be used: {reason}. Name one in PEM, without a passphrase.',
  ),
  TLS_PAIR_DIFFERS: row(
    400,
    2,
    'The key in {key} does not belong to the certificate in {cert}. Name two that belong together.',
  ),
  UPSTREAM_NOT_TLS: row(
    502,
    6,
    'The upstream of proxy "{proxy}", {upstream}, does not speak TLS as asked: {reason}. Turn TLS on there, or set tls.upstream to off.',
  ),
  UPSTREAM_CERTIFICATE: row(
    502,
    6,
    'The certificate of the upstream of proxy "{proxy}", {upstream}, does not verify: {reason}. Renew it, name its authority as tls.ca, or set tls.upstream to require.',
  ),
  DATA_PLANE_GONE: row(503, 6, 'The data plane at {control} does not answer: {reason}.'),
  DATA_PLANE_NOT_STARTED: row(500, 6, 'The data plane did not start: {reason}. Its log is {log}.'),

  // Runs
  NOT_A_DATA_PLANE: row(
    409,
    6,
    'At {control} listens {what}, not a Faultline data plane. Stop it, or give another "control" address.',
  ),
  PROXIES_DIFFER: row(
    409,
    6,
    'The data plane that runs at {control} has other proxies: {difference}. Stop it, or make its configuration equal.',
  ),
  UPSTREAM_UNREACHABLE: row(
    503,
    6,
    'The upstream of proxy "{proxy}", {upstream}, cannot be reached: {reason}. Start it, or correct the address.',
  ),
  PROXY_NOT_TRANSPARENT: row(
    409,
    6,
    'Without any fault, {canary} through proxy "{proxy}" ({listen}) answers {through} and straight to its upstream {direct}. They must answer alike before a run.',
  ),
  CANNOT_COUNT: row(
    409,
    6,
    'Driver "{driver}" does not count injections, which step "{step}" expects. Write "injected: unproven" under its "expect" to run without that proof.',
  ),
  UNKNOWN_TOKEN: row(404, 2, 'There is no token for "{name}".'),
  TOKEN_NAME_TAKEN: row(
    409,
    2,
    'There is a token for "{name}" already: revoke it first, or take another name.',
  ),
  TOKEN_REFUSED: row(401, 2, 'This token is not known, or is over: ask for another one.'),
  TOKEN_IN_URL: row(
    400,
    2,
    'A token may not stand in a URL, where logs and histories keep it: send it as "Authorization: Bearer", and have this one revoked.',
  ),
  AUDIT_NOT_WRITTEN: row(503, 6, 'The audit log cannot be written ({reason}), so nothing was done.'),
  TOKENS_UNUSABLE: row(
    503,
    6,
    'The tokens in {path} cannot be used: {reason}. Nobody is let in until that is mended.',
  ),
  DISK_NOT_WRITTEN: row(
    503,
    6,
    'The disk of the control plane takes nothing ({reason}), so this was not done: make room, or let it write.',
  ),
  DATABASE_URL_UNUSABLE: row(
    400,
    2,
    'The database of the control plane cannot be used: {reason}. Set FAULTLINE_DATABASE_URL to its URL, or FAULTLINE_DATABASE_URL_FILE to the path of a file that holds it.',
  ),
  DATABASE_AWAY: row(503, 6, 'The database does not do its part ({reason}), and nobody else can.'),
  NOT_LOGGED_IN: row(
    401,
    2,
    'Log in first: send a token as "Authorization: Bearer", or to POST /api/login. "faultline token create NAME" makes one.',
  ),
  ROLE_TOO_LOW: row(403, 2, 'This needs the role {needed}; yours is {role}.'),
  TOO_MANY_FAILURES: row(429, 2, 'Too many wrong tokens came from your address: wait {seconds} s.'),
  NO_CREDENTIALS: row(
    409,
    6,
    'The control plane does not listen on {host} without credentials, since whoever reaches it can inject faults: make a token with "faultline token create NAME --role admin" first, or listen on 127.0.0.1.',
  ),
  UNKNOWN_SCHEDULE: row(404, 2, 'There is no schedule named "{schedule}".{suggestion}'),
  SCHEDULE_OF_FILE: row(
    409,
    2,
    'Schedule "{schedule}" stands in {file}: change it there, the file is read again by itself. Over the API it can only be paused and resumed.',
  ),
  SCHEDULES_NOT_KEPT: row(
    503,
    6,
    'What is said of schedules cannot be kept now ({reason}), so nothing was changed: try again.',
  ),
  UNKNOWN_GAME_DAY: row(404, 2, 'There is no game day "{gameDay}".{suggestion}'),
  GAME_DAY_OVER: row(409, 2, 'Game day {gameDay} is over.'),
  NOT_NOW: row(409, 2, '{act} is not possible now: {why}.'),
  NOT_THEIR_PART: row(
    403,
    2,
    '{person} takes part as {role}: gates and steps are for a lead or an operator.',
  ),
  UNKNOWN_PERSON: row(400, 2, 'Nobody named "{person}" takes part in this game day.{suggestion}'),
  GAME_DAY_NOT_WRITTEN: row(
    503,
    6,
    'The game day cannot be recorded ({reason}), so nothing was done; what stands in its journal is safe, and a run under way goes on.',
  ),
  NOT_A_COMMAND: row(
    400,
    2,
    '"{line}" says nothing that can be done here; "help" tells what can.{suggestion}',
  ),
  RUN_NOT_STARTED: row(409, 6, 'The run could not be started: {reason}.'),
  RUN_NOT_RECORDED: row(500, 6, 'The run cannot be recorded in {folder}: {reason}.'),

  // Drivers
  INJECTED_NOT_COUNTED: row(
    400,
    2,
    'Driver "{driver}" ({kind}) cannot count injections. Write "injected: unproven" under the "expect" of step "{step}" to run without that proof.',
  ),
  UNKNOWN_DRIVER: row(400, 2, 'Driver "{driver}" is not declared.{suggestion}'),
  DRIVER_DIFFERS: row(
    400,
    2,
    'Driver "{driver}" is declared otherwise in {other}: take one of the two out, or make them equal.',
  ),
  DRIVER_CANNOT: row(400, 2, 'Driver "{driver}" ({kind}) cannot apply "{fault}": {reason}.'),
  DRIVER_REFUSED: row(403, 6, 'Driver "{driver}" ({kind}) is not able to apply "{fault}": {reason}.'),
  DRIVER_UNREACHABLE: row(503, 6, 'Driver "{driver}" ({kind}) does not reach its target: {reason}.'),
  NOT_TAKEN_BACK: row(500, 4, 'Driver "{driver}" ({kind}) could not take everything back: {reason}.'),
  WATCHDOG_LOST: row(
    500,
    6,
    'The process that would take the toxics of driver "{driver}" back, should this one die, {reason}.',
  ),

  // Audits
  AUDIT_REFUSED: row(409, 6, 'The audit was refused before anything was asked: {reason}.'),

  // Commands
  FILE_NOT_WRITTEN: row(409, 2, 'Cannot write {path}: {reason}.'),
  SANDBOX_NOT_STARTED: row(500, 6, 'The sandbox did not start: {reason}'),
  RUNS_DIFFER: row(
    409,
    2,
    'These are not two runs of one experiment: {reason}. Give --force to compare them all the same.',
  ),
  BAD_NAMES: row(400, 2, '"{names}" does not name two runs: give --names two different words.'),
  NO_BROWSER: row(
    424,
    2,
    'There is no Chromium to print {page} with: install one ({names} is looked for in PATH), or print the page from your browser.',
  ),
  PDF_NOT_WRITTEN: row(500, 2, 'Cannot write {path} by {browser}: {reason}.'),
  UNKNOWN_RUN: row(404, 2, 'There is no run "{run}" in {runs}.{suggestion}'),
} as const satisfies Record<string, ErrorRow>;

interface ErrorRow {
  /** HTTP status when the error answers a request. */
  readonly status: number;
  /** Exit code of `faultline` when the error ends a command. */
  readonly exit: number;
  readonly sentence: string;
}

function row(status: number, exit: number, sentence: string): ErrorRow {
  return { status, exit, sentence };
}

export type ErrorCode = keyof typeof TABLE;
export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = TABLE;

/** A place in a file; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** An error from the table. `toString()` reads `file:line:column: sentence` where a place is known. */
export class FaultlineError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly exitCode: number;
  readonly at: SourcePlace | undefined;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, values: Readonly<Record<string, unknown>> = {}, at?: SourcePlace) {
    super(fill(TABLE[code].sentence, values));
    this.name = 'FaultlineError';
    this.code = code;
    this.status = TABLE[code].status;
    this.exitCode = TABLE[code].exit;
    this.at = at;
    this.#values = values;
  }

  /** The same, found at this place. */
  placedAt(at: SourcePlace): FaultlineError {
    return new FaultlineError(this.code, this.#values, at);
  }

  override toString(): string {
    return this.at ? `${this.at.file}:${this.at.line}:${this.at.column}: ${this.message}` : this.message;
  }
}

/** Several errors found in one go, such as all that is wrong in one file. */
export class FaultlineErrors extends Error {
  readonly errors: readonly FaultlineError[];
  readonly exitCode: number;

  constructor(errors: readonly FaultlineError[]) {
    super(errors.map(String).join('\n'));
    this.name = 'FaultlineErrors';
    this.errors = errors;
    this.exitCode = Math.max(...errors.map((error) => error.exitCode));
  }
}

/** Refuses what a kill switch refuses, and says who threw it and why. */
export function haltedError(halt: Pick<Halt, 'reason' | 'by'>): FaultlineError {
  return new FaultlineError('HALTED', { reason: halt.reason, by: byWhom(halt) });
}

function fill(sentence: string, values: Readonly<Record<string, unknown>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
