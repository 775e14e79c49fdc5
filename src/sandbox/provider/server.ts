import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { countTokens, writeAnswer } from './answer.ts';
import { Budget } from './budget.ts';
import { type ChatRequest, chunksOf, usageOf, wholeAnswer } from './chat.ts';
import { missing, noKey, noSuchModel, noSuchRoute, type ProviderError, wrongKey } from './errors.ts';
import { eventsOf, type ResponsesRequest, wholeResponse } from './responses.ts';
import { firstTokenDelay, type Rhythm, tokenDelay } from './rhythm.ts';
import { seeded } from './seeded.ts';
import { Stats } from './stats.ts';

export interface SimulatorOptions {
  readonly seed: number;
  readonly rhythm: Rhythm;
  /** The only key that is accepted; without it any key is. */
  readonly apiKey?: string;
}

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano'];

/** One request on its way: its own random numbers, its identity, its start. */
interface Call {
  readonly random: () => number;
  readonly id: string;
  readonly startedAt: number;
  readonly abandoned: AbortSignal;
}

/** A simulator of OpenAI's API: real HTTP and real streams, invented answers. */
export function buildSimulator(options: SimulatorOptions): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: 8 << 20 });
  const stats = new Stats();
  const budget = new Budget(() => performance.now());
  const calls = new WeakMap<FastifyRequest, Call>();
  let count = 0;

  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/v1/')) return;
    const random = seeded(options.seed, ++count);
    const id = Array.from({ length: 4 }, () =>
      Math.floor(random() * 0x10000)
        .toString(16)
        .padStart(4, '0'),
    ).join('');
    const gone = new AbortController();
    calls.set(request, { random, id, startedAt: performance.now(), abandoned: gone.signal });
    const tally = stats.begin();
    reply.raw.once('close', () => {
      gone.abort();
      tally.end(reply.raw.statusCode, reply.raw.writableFinished);
    });
    const problem = keyProblem(request, options.apiKey);
    if (problem) await fail(reply, problem);
  });

  app.get('/simulator/stats', async () => stats.toJSON());

  app.get('/v1/models', async () => ({
    object: 'list',
    data: MODELS.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'simulator' })),
  }));

  app.post('/v1/chat/completions', async (request, reply) => {
    const call = calls.get(request)!;
    const body = (request.body ?? {}) as ChatRequest;
    if (!body.model) return fail(reply, missing('model'));
    if (!Array.isArray(body.messages)) return fail(reply, missing('messages'));
    if (!MODELS.includes(body.model)) return fail(reply, noSuchModel(body.model));

    const tokens = writeAnswer(options.rhythm, call.random);
    const usage = usageOf(countTokens(body.messages), tokens.length);
    const identity = { id: `chatcmpl-${call.id}`, created: nowInSeconds(), model: `${body.model}-simulator` };
    setHeaders(reply, call, budget.spend(usage.total_tokens));
    if (!body.stream) {
      await think(reply, options.rhythm, call, tokens.length);
      return wholeAnswer(identity, tokens.join(''), usage);
    }
    const withUsage = body.stream_options?.include_usage ? usage : undefined;
    const frames = [...chunksOf(identity, tokens, withUsage)].map(
      (chunk) => `data: ${JSON.stringify(chunk)}\n\n`,
    );
    return stream(reply, options.rhythm, call, [...frames, 'data: [DONE]\n\n']);
  });

  app.post('/v1/responses', async (request, reply) => {
    const call = calls.get(request)!;
    const body = (request.body ?? {}) as ResponsesRequest;
    if (!body.model) return fail(reply, missing('model'));
    if (body.input === undefined) return fail(reply, missing('input'));
    if (!MODELS.includes(body.model)) return fail(reply, noSuchModel(body.model));

    const tokens = writeAnswer(options.rhythm, call.random);
    const input = countTokens(body.input);
    const usage = { input_tokens: input, output_tokens: tokens.length, total_tokens: input + tokens.length };
    const identity = { id: `resp_${call.id}`, created: nowInSeconds(), model: `${body.model}-simulator` };
    setHeaders(reply, call, budget.spend(usage.total_tokens));
    if (!body.stream) {
      await think(reply, options.rhythm, call, tokens.length);
      return wholeResponse(identity, `msg_${call.id}`, tokens.join(''), usage);
    }
    const events = [...eventsOf(identity, `msg_${call.id}`, tokens, usage)];
    const frames = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    return stream(reply, options.rhythm, call, frames);
  });

  app.setNotFoundHandler((request, reply) =>
    fail(reply, noSuchRoute(request.method, request.url.split('?')[0]!)),
  );
  return app;
}

function keyProblem(request: FastifyRequest, accepted: string | undefined): ProviderError | undefined {
  const key = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!key) return noKey();
  return accepted !== undefined && key !== accepted ? wrongKey(key) : undefined;
}

function fail(reply: FastifyReply, { status, body }: ProviderError): FastifyReply {
  return reply.code(status).header('server', 'openai-simulator').send(body);
}

function setHeaders(reply: FastifyReply, call: Call, limits: Record<string, string>): void {
  reply.headers({
    server: 'openai-simulator',
    'x-request-id': `req_${call.id}`,
    'openai-organization': 'simulator',
    'openai-version': '2020-10-01',
    ...limits,
  });
}

async function think(reply: FastifyReply, rhythm: Rhythm, call: Call, tokens: number): Promise<void> {
  let wait = firstTokenDelay(rhythm, call.random);
  for (let token = 1; token < tokens; token++) wait += tokenDelay(rhythm, call.random);
  await pause(wait, call);
  reply.header('openai-processing-ms', elapsed(call));
}

async function stream(
  reply: FastifyReply,
  rhythm: Rhythm,
  call: Call,
  frames: readonly string[],
): Promise<FastifyReply> {
  await pause(firstTokenDelay(rhythm, call.random), call);
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'openai-processing-ms': elapsed(call),
  });
  for (const [at, frame] of frames.entries()) {
    if (call.abandoned.aborted) return reply;
    reply.raw.write(frame);
    if (at < frames.length - 1) await pause(tokenDelay(rhythm, call.random), call);
  }
  reply.raw.end();
  return reply;
}

/** Ends early when the client has gone, so that an abandoned answer costs nothing more. */
async function pause(ms: number, call: Call): Promise<void> {
  await sleep(ms, undefined, { signal: call.abandoned }).catch(() => {});
}

function elapsed(call: Call): string {
  return String(Math.round(performance.now() - call.startedAt));
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
