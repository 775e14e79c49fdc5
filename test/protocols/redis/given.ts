import { RequestFramer } from '../../../src/protocols/redis/requests.ts';
import { request } from '../../../src/protocols/redis/write.ts';

/** A command as the walk over requests shows it. */
export function given(...words: readonly string[]): RequestFramer {
  const framer = new RequestFramer();
  framer.read(request(...words), 0);
  return framer;
}
