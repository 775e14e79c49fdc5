import { createHmac } from 'node:crypto';
import { type Reference, referenceField } from '../reference.ts';
import type { ChannelKind } from './contract.ts';

interface Webhook {
  readonly url: Reference;
  readonly secret: Reference;
}

/** The notice as JSON, signed over the moment of sending and the body, so that neither can be changed or sent again later. */
export const webhook: ChannelKind<Webhook> = {
  kind: 'webhook',
  shape: {
    url: referenceField('Where to send it: its path and query may hold a secret.'),
    secret: referenceField('Key of the signature.'),
  },
  on: ['start', 'breach', 'rollback', 'end', 'missed', 'skipped', 'halt', 'audit'],
  message(notice, { url, secret }, { read, id, now }) {
    const body = JSON.stringify({ id, ...notice });
    const timestamp = Math.floor(now / 1000);
    return {
      url: read(url),
      headers: {
        'x-faultline-delivery': id,
        'x-faultline-timestamp': String(timestamp),
        'x-faultline-signature': `v1=${sign(read(secret), timestamp, body)}`,
      },
      body,
    };
  },
};

/** HMAC-SHA256 over `TIMESTAMP.BODY`, in hex. */
function sign(secret: string, timestamp: number, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}
