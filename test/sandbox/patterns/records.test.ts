import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Correlation, memoryOf } from '../../../src/sandbox/platform/memory.ts';
import { AccessDenied, checkOwner } from '../../../src/sandbox/platform/resilient/access.ts';
import { type AuditEntry, AuditLog } from '../../../src/sandbox/platform/resilient/audit-log.ts';
import { FieldCipher } from '../../../src/sandbox/platform/resilient/encryption.ts';
import { Requeue } from '../../../src/sandbox/platform/resilient/requeue.ts';

describe('an encrypted field', () => {
  const key = () => randomBytes(32).toString('base64');
  const secret = 'sk-live-0123456789';

  test('is read back with its key and place, and never looks the same twice', () => {
    const cipher = new FieldCipher(key());
    const [one, other] = [cipher.encrypt(secret, '1/openai'), cipher.encrypt(secret, '1/openai')];
    expect(one).not.toBe(other);
    expect(one).not.toContain('sk-');
    expect(cipher.decrypt(one, '1/openai')).toBe(secret);
  });

  test('is refused in another row, with another key, or changed', () => {
    const cipher = new FieldCipher(key());
    const stored = cipher.encrypt(secret, '1/openai');
    expect(() => cipher.decrypt(stored, '2/openai')).toThrow();
    expect(() => new FieldCipher(key()).decrypt(stored, '1/openai')).toThrow();
    const bytes = Buffer.from(stored.slice(3), 'base64');
    bytes[bytes.length - 1]! ^= 1;
    expect(() => cipher.decrypt(`v1:${bytes.toString('base64')}`, '1/openai')).toThrow();
    expect(() => cipher.decrypt(secret, '1/openai')).toThrow('not encrypted');
  });

  test('needs a key of 32 bytes, and the error does not show the wrong one', () => {
    expect(() => new FieldCipher('c2hvcnQ=')).toThrow(
      'FIELD_KEY must be 32 bytes as base64, and these are 5',
    );
  });
});

describe('access to a workspace', () => {
  test.each([
    ['its owner', 'user-1', false, undefined],
    ['its owner where a name is required', 'user-1', true, undefined],
    ['someone else', 'user-2', false, 403],
    ['a probe without a name', undefined, false, undefined],
    ['nobody where a name is required', undefined, true, 401],
  ])('by %s', (_, user, required, status) => {
    const check = () => checkOwner(user, 'user-1', required);
    if (status === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ statusCode: status }));
  });

  test('that is denied does not say whose it is', () => {
    expect(new AccessDenied(403).message).not.toContain('user-');
  });
});

describe('the audit log', () => {
  const entry = (object: string): AuditEntry => ({
    at: new Date(0),
    actor: 'user-1',
    action: 'GET /tasks/:id',
    object,
    status: 200,
  });

  test('keeps entries in order until the table takes them', async () => {
    const stored: string[] = [];
    let down = true;
    const log = new AuditLog(async (entries) => {
      if (down) throw new Error('down');
      stored.push(...entries.map(({ object }) => object!));
    });
    log.add(entry('1'));
    await expect(log.flush()).rejects.toThrow('down');
    log.add(entry('2'));
    down = false;
    await log.flush();
    expect(stored).toEqual(['1', '2']);
    expect([log.written, log.waiting, log.dropped]).toEqual([2, 0, 0]);
  });

  test('drops, and counts, what is beyond its bound', () => {
    const log = new AuditLog(async () => {}, 2);
    for (const name of ['1', '2', '3']) log.add(entry(name));
    expect([log.waiting, log.dropped]).toEqual([2, 1]);
  });
});

describe('requeueing', () => {
  test('gives back once the store takes it, and what came meanwhile with it', async () => {
    const told: (readonly string[])[] = [];
    let down = true;
    const it = new Requeue(async (ids) => {
      if (down) throw new Error('down');
      told.push(ids);
    });
    it.add('1');
    await expect(it.flush()).rejects.toThrow('down');
    it.add('2');
    it.add('1');
    down = false;
    await it.flush();
    await it.flush();
    expect(told).toEqual([['1', '2']]);
    expect([it.waiting, it.done]).toEqual([0, 2]);
  });
});

describe('memory consolidation', () => {
  const correlation = (count: number) =>
    new Correlation(Array.from({ length: count }, (_, at) => memoryOf(`memory ${at}`, 4096)));

  test('compares every two memories once, so twice the memories are four times the work', () => {
    const counts = [10, 20, 40].map((count) => {
      const it = correlation(count);
      it.advance(Number.POSITIVE_INFINITY);
      return it.correlations;
    });
    expect(counts).toEqual([45, 190, 780]);
  });

  test('can stop anywhere and go on to the same result', () => {
    const [whole, parts] = [correlation(60), correlation(60)];
    whole.advance(Number.POSITIVE_INFINITY);
    let pieces = 0;
    for (; !parts.complete; pieces++) parts.advance(100);
    expect(pieces).toBe(18);
    expect([parts.correlations, parts.insights]).toEqual([whole.correlations, whole.insights]);
    expect(whole.insights).toBeGreaterThan(20);
  });

  test('of none or one memory is done at once', () => {
    expect([correlation(0).complete, correlation(1).complete]).toEqual([true, true]);
  });
});
