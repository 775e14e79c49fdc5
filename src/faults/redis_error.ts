import { z } from 'zod';
import { text } from './attributes.ts';
import { ON_REDIS, type RedisFault } from './on-redis.ts';

/** As much as an error line of Redis ever has. */
const LONGEST_LINE = 512;
const FALLBACK = 'LOADING Redis is loading the dataset in memory';

const attributes = z.strictObject({
  // A CR or LF would end the reply inside the line, and every later reply would go to the wrong command.
  reply: text('Whole error line, its code first, without the leading "-"', FALLBACK)
    .refine((line) => !/[\r\n]/.test(line), 'write it in one line, without CR and LF')
    .refine((line) => /^[^\s-]/.test(line), 'begin with the code, such as READONLY, without "-"')
    .refine((line) => line.length <= LONGEST_LINE, `write at most ${LONGEST_LINE} characters`),
});

/** Refuses commands with an error that the server could have given; nothing is run. */
export const redisError: RedisFault<z.output<typeof attributes>> = {
  ...ON_REDIS,
  type: 'redis_error',
  attributes,
  summary: 'Answers commands with an error, which aborts a transaction',
  undo: 'commands reach the server again',
  endsConnections: false,
  addedLatency: () => 0,
  explain: ({ reply }) => `answer each command with the error "${reply}"`,
  judges: () => true,
  judge: ({ attributes: { reply } }) => ({ do: 'reply', with: { error: reply } }),
};
