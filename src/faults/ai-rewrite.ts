import { readEvent, withData } from '../protocols/http/events.ts';
import type { JsonObject } from '../protocols/http/providers/contract.ts';
import { parseObject, text } from '../protocols/http/providers/json.ts';
import type { BodyAct } from './contract.ts';

/** What becomes of some JSON: itself, other JSON in its place, or nothing at all. */
type Rewrite = (json: JsonObject) => JsonObject | undefined;

/** Rewrites the JSON of an event; what has none passes. An event that is named after its JSON's `type` follows it. */
export function rewriteEvent(event: Buffer, rewrite: Rewrite): BodyAct {
  const { name, data } = readEvent(event);
  const json = parseObject(data);
  const rewritten = json && rewrite(json);
  if (rewritten === json) return { do: 'pass' };
  if (!rewritten) return { do: 'replace', with: Buffer.alloc(0) };
  const renamed = name !== '' && name === json?.type ? text(rewritten.type) : undefined;
  return { do: 'replace', with: withData(event, JSON.stringify(rewritten), renamed) };
}

/** Rewrites a body; what is not JSON passes. */
export function rewriteWhole(body: Buffer, rewrite: (json: JsonObject) => JsonObject): BodyAct {
  const json = parseObject(body.toString('utf8'));
  const rewritten = json && rewrite(json);
  return rewritten === json
    ? { do: 'pass' }
    : { do: 'replace', with: Buffer.from(JSON.stringify(rewritten)) };
}
