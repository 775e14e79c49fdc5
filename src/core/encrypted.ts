/** Why message faults leave a connection alone that client and server encrypt between themselves. */
export const ENCRYPTED = 'encrypted';

/** What it means, and what to do. */
export const ENCRYPTED_END_TO_END =
  'its connections are encrypted end to end: give the proxy `tls.listen`, or set sslmode=disable in the client';
