import { aiEmpty } from './ai_empty.ts';
import { aiError } from './ai_error.ts';
import { aiFinish } from './ai_finish.ts';
import { aiMalformed } from './ai_malformed.ts';
import { aiStreamCut } from './ai_stream_cut.ts';
import { aiStreamError } from './ai_stream_error.ts';
import { aiStreamStall } from './ai_stream_stall.ts';
import { aiTokenLatency } from './ai_token_latency.ts';
import { aiToolArgsTruncated } from './ai_tool_args_truncated.ts';
import { aiTtft } from './ai_ttft.ts';
import { bandwidth } from './bandwidth.ts';
import { blackhole } from './blackhole.ts';
import { connectDelay } from './connect_delay.ts';
import { connectionLimit } from './connection_limit.ts';
import type { AnyFault } from './contract.ts';
import { corrupt } from './corrupt.ts';
import { down } from './down.ts';
import { httpAbort } from './http_abort.ts';
import { httpError } from './http_error.ts';
import { httpLatency } from './http_latency.ts';
import { httpStall } from './http_stall.ts';
import { httpTruncate } from './http_truncate.ts';
import { kill } from './kill.ts';
import { latency } from './latency.ts';
import { limitData } from './limit_data.ts';
import { noop } from './noop.ts';
import { pgConnectionLimit } from './pg_connection_limit.ts';
import { pgError } from './pg_error.ts';
import { pgKill } from './pg_kill.ts';
import { pgLatency } from './pg_latency.ts';
import { pgLostAck } from './pg_lost_ack.ts';
import { pgReadOnly } from './pg_read_only.ts';
import { rateLimit } from './rate_limit.ts';
import { redisError } from './redis_error.ts';
import { redisKill } from './redis_kill.ts';
import { redisLatency } from './redis_latency.ts';
import { redisLostAck } from './redis_lost_ack.ts';
import { redisNil } from './redis_nil.ts';
import { refuse } from './refuse.ts';
import { resetPeer } from './reset_peer.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow_close.ts';
import { timeout } from './timeout.ts';

/** The catalogue. A fault is its own file and one line here. */
const CATALOGUE: readonly AnyFault[] = [
  aiEmpty,
  aiError,
  aiFinish,
  aiMalformed,
  aiStreamCut,
  aiStreamError,
  aiStreamStall,
  aiTokenLatency,
  aiToolArgsTruncated,
  aiTtft,
  bandwidth,
  blackhole,
  connectDelay,
  connectionLimit,
  corrupt,
  down,
  httpAbort,
  httpError,
  httpLatency,
  httpStall,
  httpTruncate,
  kill,
  latency,
  limitData,
  noop,
  pgConnectionLimit,
  pgError,
  pgKill,
  pgLatency,
  pgLostAck,
  pgReadOnly,
  redisError,
  redisKill,
  redisLatency,
  redisLostAck,
  redisNil,
  rateLimit,
  refuse,
  resetPeer,
  slicer,
  slowClose,
  timeout,
];

export const FAULTS: ReadonlyMap<string, AnyFault> = new Map(CATALOGUE.map((fault) => [fault.type, fault]));
