import type { Attributes } from '../../src/core/fault.ts';
import type { Protocol } from '../../src/core/protocol.ts';

/** One way to hold connections, and what clients say and hear meanwhile. Texts are latin1. */
export interface Holding {
  readonly name: string;
  readonly type: string;
  readonly attributes: Attributes;
  readonly protocol: Protocol;
  /** Connections that are there before the fault is; else they come while it is in force. */
  readonly live: boolean;
  readonly greeting?: string;
  readonly greeted?: string;
  readonly text: string;
  readonly answered?: string;
  readonly ends?: boolean;
}

const LONG = 600_000;
const ECHO = {
  protocol: 'tcp',
  live: true,
  greeting: 'x',
  greeted: 'x',
  text: `${'y'.repeat(508)}END!`,
  answered: 'END!',
} as const;
const READY = 'Z\0\0\0\x05I';
const STARTUP = '\0\0\0\x14\0\x03\0\0user\0bench\0\0';
const CHAT = '{"model":"gpt-4o","stream":true}';
const HTTP = {
  protocol: 'http',
  live: true,
  greeting: 'GET /small HTTP/1.1\r\nHost: bench\r\n\r\n',
  greeted: 'END!',
  text: 'GET /small HTTP/1.1\r\nHost: bench\r\n\r\n',
  answered: 'END!',
} as const;
const AI = {
  ...HTTP,
  protocol: 'openai',
  text: `POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${CHAT.length}\r\n\r\n${CHAT}`,
  answered: '\r\n0\r\n\r\n',
} as const;

export const HOLDINGS: readonly Holding[] = [
  { ...ECHO, name: 'latency', type: 'latency', attributes: { latency: LONG } },
  { ...ECHO, name: 'bandwidth', type: 'bandwidth', attributes: { rate: 0 } },
  {
    ...ECHO,
    name: 'slow_close',
    type: 'slow_close',
    attributes: { delay: LONG },
    answered: undefined,
    ends: true,
  },
  { ...ECHO, name: 'timeout', type: 'timeout', attributes: { timeout: 0 } },
  { ...ECHO, name: 'blackhole, live', type: 'blackhole', attributes: {} },
  { ...ECHO, name: 'blackhole, new', type: 'blackhole', attributes: {}, live: false },
  { ...ECHO, name: 'connect_delay', type: 'connect_delay', attributes: { latency: LONG }, live: false },
  {
    ...ECHO,
    name: 'connection_limit, wait',
    type: 'connection_limit',
    attributes: { max: 0, reject: 'wait' },
    live: false,
  },
  { ...HTTP, name: 'http_latency', type: 'http_latency', attributes: { latency: LONG } },
  { ...HTTP, name: 'http_stall', type: 'http_stall', attributes: { afterBytes: 10 } },
  { ...AI, name: 'ai_ttft', type: 'ai_ttft', attributes: { latency: LONG } },
  { ...AI, name: 'ai_stream_stall', type: 'ai_stream_stall', attributes: { afterEvents: 2, stall: 0 } },
  {
    name: 'pg_latency',
    type: 'pg_latency',
    attributes: { latency: LONG },
    protocol: 'postgres',
    live: true,
    greeting: STARTUP,
    greeted: READY,
    text: 'Q\0\0\0\x0dselect 1\0',
    answered: READY,
  },
  {
    name: 'redis_latency',
    type: 'redis_latency',
    attributes: { latency: LONG },
    protocol: 'redis',
    live: true,
    greeting: 'PING\r\n',
    greeted: '+PONG\r\n',
    text: 'PING\r\n',
    answered: '+PONG\r\n',
  },
];
