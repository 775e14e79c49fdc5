import { FaultlineError } from '../core/errors.ts';

/** The error of a server that could not listen on `address`, in the table's words. */
export function listenError(error: unknown, address: string, what: string): unknown {
  if (error instanceof FaultlineError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new FaultlineError('PORT_IN_USE', { address, what });
  if (code === undefined) return error;
  const reason =
    code === 'EACCES'
      ? 'permission denied'
      : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
        ? 'this machine has no such address'
        : message;
  return new FaultlineError('CANNOT_LISTEN', { address, what, reason });
}
