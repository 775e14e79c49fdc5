import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const PREFIX = 'v1:';

/** Encrypts single fields with AES-256-GCM: `v1:` and base64 of nonce, tag and text. */
export class FieldCipher {
  readonly #key: Buffer;

  /** @param key 32 bytes as base64 */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'base64');
    if (this.#key.length !== KEY_BYTES)
      throw new Error(`FIELD_KEY must be ${KEY_BYTES} bytes as base64, and these are ${this.#key.length}`);
  }

  /** @param place names the field's row: a text moved to another row is not accepted there */
  encrypt(text: string, place: string): string {
    const nonce = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** @throws Error when it was changed, moved, or encrypted with another key */
  decrypt(stored: string, place: string): string {
    if (!stored.startsWith(PREFIX)) throw new Error('the field is not encrypted');
    const bytes = Buffer.from(stored.slice(PREFIX.length), 'base64');
    const nonce = bytes.subarray(0, IV_BYTES);
    const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(place))
      .setAuthTag(tag);
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return text.toString('utf8');
  }
}
