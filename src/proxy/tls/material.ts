import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Path } from '../../core/document.ts';
import { FaultlineError, type SourcePlace } from '../../core/errors.ts';
import type { ProxyTls } from '../../core/protocol.ts';
import { readBytes } from '../files.ts';

type Pair = NonNullable<ProxyTls['listen']>;

/**
 * A certificate, with those between it and its authority, and its key.
 * @throws FaultlineError FILE_NOT_FOUND, TLS_BAD_CERTIFICATE, TLS_BAD_KEY or TLS_PAIR_DIFFERS
 */
export function readPair({ cert, key }: Pair): SecureContext {
  const chain = readCertificates(cert);
  const secret = readKey(key);
  if (!new X509Certificate(chain).checkPrivateKey(createPrivateKey(secret))) {
    throw new FaultlineError('TLS_PAIR_DIFFERS', { cert, key });
  }
  return usable('TLS_BAD_CERTIFICATE', cert, () => createSecureContext({ cert: chain, key: secret }));
}

/**
 * A file of certificates in PEM.
 * @throws FaultlineError FILE_NOT_FOUND or TLS_BAD_CERTIFICATE
 */
export function readCertificates(path: string): Buffer {
  const text = readBytes(path);
  const certificates = text.toString('latin1').match(PEM_CERTIFICATE) ?? [''];
  usable('TLS_BAD_CERTIFICATE', path, () => {
    for (const certificate of certificates) new X509Certificate(certificate);
  });
  return text;
}

/** All that is wrong with the files that a proxy's `tls` names, each at the key that names it. */
export function problemsOf(tls: ProxyTls, placeOf: (path: Path) => SourcePlace): readonly FaultlineError[] {
  const problems: FaultlineError[] = [];
  const attempt = (path: Path, read: () => unknown) => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error;
      problems.push(error.placedAt(placeOf(path)));
    }
  };
  const { listen, ca } = tls;
  if (listen) {
    attempt(['listen', 'cert'], () => readCertificates(listen.cert));
    attempt(['listen', 'key'], () => readKey(listen.key));
    if (problems.length === 0) attempt(['listen', 'key'], () => readPair(listen));
  }
  if (ca !== undefined) attempt(['ca'], () => readCertificates(ca));
  return problems;
}

function readKey(path: string): Buffer {
  const secret = readBytes(path);
  usable('TLS_BAD_KEY', path, () => createPrivateKey(secret));
  return secret;
}

const PEM_CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END[^-]*-----/g;

function usable<T>(code: 'TLS_BAD_CERTIFICATE' | 'TLS_BAD_KEY', path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new FaultlineError(code, { path, reason: reasonOf(error as NodeJS.ErrnoException) });
  }
}

/** What OpenSSL says, without its numbers and the names of its functions. */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const said = message.split(':').at(-1)!.trim().toLowerCase();
  // OpenSSL asks for it, and nobody answers.
  if (code === 'ERR_MISSING_PASSPHRASE' || said === 'interrupted or cancelled')
    return 'it is protected by a passphrase';
  return said === 'no start line' || said === 'unsupported' ? 'it is not PEM' : said;
}
