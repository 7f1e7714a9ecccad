/** What every backend must do. */
import { expect, test } from 'vitest';
import type { Bucket } from '../../src/storage/bucket/bucket.js';

const text = (value: string): Uint8Array => Buffer.from(value);
export const fault = (code: string): unknown => expect.objectContaining({ fault: expect.objectContaining({ code }) });

export async function names(bucket: Bucket, directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const name of bucket.iter(directory)) found.push(name);
  return found;
}

/** `open` makes an empty bucket. */
export function bucketContract(open: () => Bucket): void {
  test('gives back what was uploaded, and the newer of two uploads', async () => {
    const bucket = open();
    await bucket.upload('a/b/one', text('first'));
    await bucket.upload('a/b/one', text('second, longer'));
    expect(Buffer.from(await bucket.get('a/b/one')).toString()).toBe('second, longer');
    await bucket.upload('empty', text(''));
    expect((await bucket.get('empty')).length).toBe(0);
  });

  test('keeps its own copy of uploaded bytes', async () => {
    const bucket = open();
    const bytes = Uint8Array.of(1, 2, 3);
    await bucket.upload('x', bytes);
    bytes.fill(9);
    expect([...(await bucket.get('x'))]).toEqual([1, 2, 3]);
  });

  test('reads ranges, cut off at the end of the object', async () => {
    const bucket = open();
    await bucket.upload('x', text('0123456789'));
    const range = async (offset: number, length: number) =>
      Buffer.from(await bucket.getRange('x', offset, length)).toString();
    expect(await range(0, 4)).toBe('0123');
    expect(await range(6, 4)).toBe('6789');
    expect(await range(8, 1 << 30)).toBe('89');
    expect(await range(20, 5)).toBe('');
    expect(await range(3, 0)).toBe('');
  });

  test('answers not-found for what is not there', async () => {
    const bucket = open();
    await bucket.upload('a/b', text('x'));
    for (const name of ['nope', 'a', 'a/c', 'a/b/c']) {
      await expect(bucket.get(name)).rejects.toEqual(fault('not-found'));
      await expect(bucket.getRange(name, 0, 1)).rejects.toEqual(fault('not-found'));
      await expect(bucket.attributes(name)).rejects.toEqual(fault('not-found'));
      expect(await bucket.exists(name)).toBe(false);
    }
    expect(await bucket.exists('a/b')).toBe(true);
  });

  test('deletes, and deletes again', async () => {
    const bucket = open();
    await bucket.upload('x', text('x'));
    await bucket.delete('x');
    await bucket.delete('x');
    await bucket.delete('never/was');
    expect(await bucket.exists('x')).toBe(false);
  });

  test('lists names below a directory in ascending order', async () => {
    const bucket = open();
    for (const name of ['t/b/2', 't/b/10', 't/a', 't/b-c', 'tt/x', 'other', 't/ü/1'])
      await bucket.upload(name, text(name));
    expect(await names(bucket, 't')).toEqual(['t/a', 't/b-c', 't/b/10', 't/b/2', 't/ü/1']);
    expect(await names(bucket, 't/b')).toEqual(['t/b/10', 't/b/2']);
    expect(await names(bucket, '')).toEqual(['other', 't/a', 't/b-c', 't/b/10', 't/b/2', 't/ü/1', 'tt/x']);
    expect(await names(bucket, 'nothing')).toEqual([]);
  });

  test('reports size and a version that changes with the object', async () => {
    const bucket = open();
    await bucket.upload('x', text('1234'));
    const first = await bucket.attributes('x');
    expect(first.size).toBe(4);
    expect(await bucket.attributes('x')).toEqual(first);
    await bucket.upload('x', text('4321'));
    expect((await bucket.attributes('x')).version).not.toBe(first.version);
  });

  test.each(['', '/a', 'a/', 'a//b', '.', '../a', 'a/../../b', 'a/./b', 'a\\..\\b', 'a\u0000b', 'x'.repeat(2000)])(
    'refuses the name %j',
    async (name) => {
      const bucket = open();
      await expect(bucket.upload(name, text('x'))).rejects.toEqual(fault('bad-request'));
      await expect(bucket.get(name)).rejects.toEqual(fault('bad-request'));
      await expect(bucket.delete(name)).rejects.toEqual(fault('bad-request'));
    },
  );

  test('replaces conditionally only what has not changed', async () => {
    const { conditional } = open();
    expect(await conditional!.get('c')).toBeNull();
    const first = await conditional!.upload('c', text('one'), null);
    expect(first).not.toBeNull();
    expect(await conditional!.upload('c', text('two'), null)).toBeNull();
    const seen = await conditional!.get('c');
    expect([Buffer.from(seen!.bytes).toString(), seen!.version]).toEqual(['one', first]);
    const second = await conditional!.upload('c', text('three'), first);
    expect(second).not.toBeNull();
    expect(await conditional!.upload('c', text('four'), first)).toBeNull();
    expect(Buffer.from((await conditional!.get('c'))!.bytes).toString()).toBe('three');
  });

  test('loses no update of many writers at once', async () => {
    const bucket = open();
    const conditional = bucket.conditional!;
    const increment = async (): Promise<void> => {
      for (;;) {
        const seen = await conditional.get('counter');
        const next = seen === null ? 1 : Number(Buffer.from(seen.bytes).toString()) + 1;
        if ((await conditional.upload('counter', text(String(next)), seen?.version ?? null)) !== null) return;
      }
    };
    await Promise.all(Array.from({ length: 12 }, increment));
    expect(Buffer.from(await bucket.get('counter')).toString()).toBe('12');
  });
}
