import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { AiCalls } from '../../../src/sandbox/platform/ai/calls.ts';
import { causeOf } from '../../../src/sandbox/platform/ai/failure.ts';
import { buildPipeline } from '../../../src/sandbox/platform/ai/pipeline.ts';
import { type Config, readConfig } from '../../../src/sandbox/platform/config.ts';
import { timeLimits } from '../../../src/sandbox/platform/resilient/timeouts.ts';
import { meters, TASK } from './support.ts';

/** What the provider does with each request. */
type Play = (response: ServerResponse) => void;

const event = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const begin = (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event({ content: 'Half an answer' }));
};
const whole: Play = (response) => {
  begin(response);
  response.end(`${event({ content: ' and its end' })}${event({}, 'stop')}data: [DONE]\n\n`);
};
const silent: Play = () => {};
const stalls: Play = begin;
const withoutEnd: Play = (response) => {
  begin(response);
  response.end('data: [DONE]\n\n');
};
const malformed: Play = (response) => {
  begin(response);
  response.end('data: {"choices":[{"delta":{"content":"sec\n\n');
};
const fails: Play = (response) => response.writeHead(503).end();

describe('the AI pipeline on a real provider', () => {
  let server: Server;
  let play: Play;
  let asked = 0;
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked++;
      request.resume();
      request.on('end', () => play(response));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked = 0;
    vi.spyOn(console, 'log').mockReturnValue();
  });
  afterEach(() => void vi.restoreAllMocks());

  function pipeline(resilience: string) {
    const { metrics, value } = meters();
    const config: Config = readConfig({
      RESILIENCE: resilience,
      // Every limit at its least: half a second.
      TIME_SCALE: '1000',
      DATABASE_URL: 'none',
      REDIS_URL: 'none',
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    });
    const limits = config.patterns.has('timeouts') ? timeLimits(config) : undefined;
    const ai = buildPipeline({ config, metrics, limits, calls: new AiCalls(metrics) });
    return { ai, value };
  }

  test.each(['none', 'all'])('answers with %s of the patterns', async (resilience) => {
    play = whole;
    expect(await pipeline(resilience).ai.answer(TASK)).toEqual({
      content: 'Half an answer and its end',
      finishReason: 'stop',
    });
    expect(asked).toBe(1);
  });

  test.each([
    ['says nothing', silent],
    ['stalls in the middle', stalls],
  ])('waits only so long for a provider that %s', async (_, how) => {
    play = how;
    const { ai } = pipeline('timeouts,containment');
    const error = await ai.answer(TASK).catch((reason: unknown) => reason);
    expect(causeOf(error)).toBe('timeout');
  });

  test('takes an answer without an end as whole only where nothing checks it', async () => {
    play = withoutEnd;
    expect(await pipeline('backoff').ai.answer(TASK)).toEqual({
      content: 'Half an answer',
      finishReason: null,
    });
    const { ai, value } = pipeline('timeouts,stream-check');
    await ai.answer(TASK).catch(() => {});
    expect(await value('ai_errors_total', { status: 'truncated' })).toBeGreaterThan(0);
  });

  test.each([
    ['says nothing', silent],
    ['sends what is no JSON', malformed],
  ])('answers by rules, and says so, when the provider %s', async (_, how) => {
    play = how;
    const printed = vi.spyOn(console, 'error').mockReturnValue();
    const { ai, value } = pipeline('all');
    const answer = await ai.answer(TASK);
    expect(answer.finishReason).toBe('fallback');
    expect(answer.content).toContain(`# ${TASK.title}`);
    expect(answer.content).not.toContain('Half');
    expect(await value('fallback_answers_total')).toBe(1);
    expect(printed, 'nothing of an answer is printed').not.toHaveBeenCalled();
  });

  test('asks a dead provider no more once the breaker is open', async () => {
    play = fails;
    const { ai } = pipeline('breaker,backoff,fallback,containment');
    await Promise.all(Array.from({ length: 5 }, () => ai.answer(TASK)));
    const before = asked;
    for (let n = 0; n < 10; n++) expect((await ai.answer(TASK)).finishReason).toBe('fallback');
    expect(asked).toBe(before);
  });
});
