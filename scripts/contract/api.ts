import { call } from '../../test/proxy/api/call.ts';
import { type Seen, same, seen, show } from './compare.ts';
import type { Scene, Sequence, Step } from './contract.ts';
import type { Server } from './servers.ts';
import type { Verdict } from './verdict.ts';

/** Sends a sequence to both servers, each from an empty start, and compares answer by answer. */
export async function compareSequence(
  { title, steps }: Sequence,
  theirs: Server,
  ours: Server,
  places: Omit<Scene, 'listen'>,
  evened: (record: string) => void,
): Promise<Verdict[]> {
  const answers: Seen[][] = [];
  for (const server of [theirs, ours]) {
    await removeAll(server);
    answers.push(await play(steps, server, places, evened));
  }
  const [first, second] = answers as [Seen[], Seen[]];
  return steps.map((step, index) => {
    const differs = !same(first[index]!, second[index]!);
    return {
      title: `${title}: ${step.send} ${bodyOf(step)}`.trim(),
      differs,
      ...(step.differs === undefined ? {} : { record: step.differs }),
      theirs: show(first[index]!),
      ours: show(second[index]!),
    };
  });
}

export async function removeAll({ control }: Server): Promise<void> {
  const { json } = await call(control, 'GET', '/proxies');
  for (const name of Object.keys(json)) {
    await call(control, 'DELETE', `/proxies/${encodeURIComponent(name)}`);
  }
}

async function play(
  steps: readonly Step[],
  { control }: Server,
  places: Omit<Scene, 'listen'>,
  evened: (record: string) => void,
): Promise<Seen[]> {
  const answers: Seen[] = [];
  for (const { send, body, headers } of steps) {
    const [method, path] = send.split(/ (.*)/) as [string, string];
    const { json } = await call(control, 'GET', '/proxies');
    const scene: Scene = { ...places, listen: (proxy) => json[proxy].listen };
    const sent = typeof body === 'function' ? body(scene) : body;
    const answer = await call(control, method, path, {
      ...(sent === undefined ? {} : { body: sent }),
      ...(headers ? { headers } : {}),
    });
    answers.push(seen(answer, evened));
  }
  return answers;
}

function bodyOf({ body, headers }: Step): string {
  const text = typeof body === 'function' ? '{…}' : typeof body === 'string' ? body : JSON.stringify(body);
  const short = text && text.length > 80 ? `${text.slice(0, 80)}…` : (text ?? '');
  return headers ? `${short} ${JSON.stringify(headers)}` : short;
}
