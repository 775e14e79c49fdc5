/** What the control plane says is wrong, in its own sentence. */
export class ApiError extends Error {
  /** @param fields which field of a form each sentence is about, where that is known */
  constructor(status, message, fields) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** Asks the API; JSON in, JSON out. */
export async function api(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const data = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {};
  if (!response.ok) {
    const sentence = sentenceOf(data) ?? `${response.status} ${response.statusText}`;
    throw new ApiError(response.status, sentence, data.error?.fields);
  }
  return data;
}

/** The control plane has an error's message in an object, the data plane in a text, a halt in lines. */
function sentenceOf({ error, said }) {
  return error?.message ?? (typeof error === 'string' ? error : undefined) ?? said?.join(' ');
}

export function time(text) {
  return text ? new Date(text).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }) : '–';
}

/** `1 min 5 s`, `850 ms`. */
export function span(ms) {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 60) return `${s < 10 ? s.toFixed(1) : Math.round(s)} s`;
  return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
}
