import {
  ENCRYPTION_ANSWER,
  ENCRYPTION_REQUEST_BYTES,
  readStartup,
  sslRequest,
} from '../../protocols/postgres/startup.ts';
import { TLS_RECORD } from '../../protocols/tls.ts';
import type { Side } from '../link-end.ts';
import type { Negotiation } from '../tls/contract.ts';

const HEADER = 4;
const ACCEPTED = ENCRYPTION_ANSWER.tls[0]!;
const REFUSED = ENCRYPTION_ANSWER.none[0]!;

/** Postgres is asked for TLS in plain text and answers with one byte; since PostgreSQL 17 TLS may begin at once. */
export const postgresNegotiation: Negotiation = { alpn: ['postgresql'], listen, ask };

function listen(side: Side, offered: boolean, done: (asked: 'tls' | 'plain') => void): void {
  let got: Buffer = Buffer.alloc(0);
  const gone = () => side.destroy();
  const read = (chunk: Buffer) => {
    got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
    for (;;) {
      if (got[0] === TLS_RECORD) return offered ? pass('tls') : gone();
      const asked = requestIn(got);
      if (asked === 'more') return;
      if (asked === 'none') return pass('plain');
      got = got.subarray(ENCRYPTION_REQUEST_BYTES);
      if (asked === 'tls' && offered) {
        // Plain bytes behind the request would be taken for encrypted ones: whoever stands between client and proxy could
        // put statements of its own before those of the client (CVE-2021-23214).
        if (got.length > 0) return gone();
        side.write(ENCRYPTION_ANSWER.tls);
        return pass('tls');
      }
      side.write(ENCRYPTION_ANSWER.none);
    }
  };
  side.on('data', read);
  side.once('end', gone);

  function pass(how: 'tls' | 'plain'): void {
    side.off('data', read);
    side.off('end', gone);
    side.pause();
    if (got.length > 0) side.unshift(got);
    done(how);
  }
}

/** What the packet at the beginning asks for; `more` while that cannot be told. */
function requestIn(bytes: Buffer): 'tls' | 'gss' | 'none' | 'more' {
  if (bytes.length < HEADER) return 'more';
  if (bytes.readInt32BE(0) !== ENCRYPTION_REQUEST_BYTES) return 'none';
  if (bytes.length < ENCRYPTION_REQUEST_BYTES) return 'more';
  const packet = readStartup(bytes, HEADER, ENCRYPTION_REQUEST_BYTES - HEADER);
  return packet.kind === 'encryption' ? packet.by : 'none';
}

function ask(side: Side, done: (refusal?: string) => void): void {
  side.once('data', (answer: Buffer) => {
    side.pause();
    // An answer in plain text that came along with the byte would be read as if the server had sent it under TLS
    // (CVE-2021-23222).
    if (answer.length > 1) done('it sent more than one byte in answer to a request for TLS');
    else if (answer[0] === ACCEPTED) done();
    else if (answer[0] === REFUSED) done('its TLS is turned off');
    else done('its answer to a request for TLS is not one that Postgres gives');
  });
  side.write(sslRequest());
}
