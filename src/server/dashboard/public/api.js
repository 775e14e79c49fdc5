/** What the control plane says is wrong, in its own sentence. `status` is 0 where it did not answer. */
export class ApiError extends Error {
  /** @param fields which field of a form each sentence is about, where that is known */
  constructor(status, message, fields) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** Told to the window when the control plane no longer knows who asks. */
export const LOGGED_OUT = 'faultline-logged-out';

const PATIENCE_MS = 30_000;

/** Asks the API; JSON in, JSON out. */
export async function api(method, path, body, { timeoutMs = PATIENCE_MS, signal } = {}) {
  const { response, text } = await ask(path, {
    method,
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const data = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {};
  if (response.ok) return data;
  if (response.status === 401 && path !== '/api/login') dispatchEvent(new Event(LOGGED_OUT));
  const sentence = sentenceOf(data) ?? `${response.status} ${response.statusText}`;
  throw new ApiError(response.status, sentence, data.error?.fields);
}

async function ask(path, options) {
  try {
    const response = await fetch(path, options);
    return { response, text: await response.text() };
  } catch (error) {
    const late = error.name === 'TimeoutError';
    throw new ApiError(
      0,
      late ? 'The control plane has not answered in time.' : 'The control plane cannot be reached.',
    );
  }
}

/** The control plane has an error's message in an object, the data plane in a text, a halt in lines. */
function sentenceOf({ error, said }) {
  return error?.message ?? (typeof error === 'string' ? error : undefined) ?? said?.join(' ');
}

/** In the viewer's zone, which `zone` names. */
export function time(text) {
  return text ? new Date(text).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }) : '–';
}

/** Time of the day, in the viewer's zone. */
export function clock(at) {
  return new Date(at).toLocaleTimeString();
}

/** The viewer's zone, as `Europe/Rome (GMT+1)`. */
export function zone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: 'shortOffset' }).formatToParts();
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value;
  return offset && offset !== timeZone ? `${timeZone} (${offset})` : timeZone;
}

/** `1 min 5 s`, `850 ms`. */
export function span(ms) {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
  const whole = Math.round(s);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
