import type { FastifyReply } from 'fastify';
import type { Observation } from '../../../core/observation.ts';
import type { DataPlane } from '../../contract.ts';

/** What may wait unsent for one reader; about a minute of a dozen proxies. */
const MAX_UNSENT = 1024 * 1024;

export interface ObservationStreams {
  /** Answers with server-sent events, the first at once, until the reader goes. One that reads too slowly is dropped: it can come again. */
  open(reply: FastifyReply): void;
  close(): void;
}

export function observationStreams(plane: DataPlane): ObservationStreams {
  const open = new Set<() => void>();
  return {
    open(reply) {
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      raw.flushHeaders();
      const send = (observation: Observation) => {
        raw.write(`data: ${JSON.stringify(observation)}\n\n`);
        if (raw.writableLength > MAX_UNSENT) raw.destroy();
      };
      send(plane.observation());
      const stop = plane.observe(send);
      const end = () => {
        stop();
        open.delete(end);
        raw.destroy();
      };
      open.add(end);
      raw.on('error', end);
      raw.on('close', end);
    },
    close() {
      for (const end of [...open]) end();
    },
  };
}
