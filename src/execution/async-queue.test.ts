import { describe, expect, test } from 'vitest';
import { AsyncQueue } from './async-queue.js';

async function readAll<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of queue.read()) all.push(item);
  return all;
}

describe('a queue from callbacks to one reader', () => {
  test('hands over what came before and what comes while it is read, in order', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.push(2);
    const read = readAll(queue);
    await Promise.resolve();
    queue.push(3);
    await Promise.resolve();
    queue.push(4);
    queue.close();
    expect(await read).toEqual([1, 2, 3, 4]);
  });

  test('hands over falsy items too', async () => {
    const queue = new AsyncQueue<number | string | null>();
    for (const item of [0, '', null]) queue.push(item);
    queue.close();
    expect(await readAll(queue)).toEqual([0, '', null]);
  });

  test('ends when it is closed while its reader waits', async () => {
    const queue = new AsyncQueue<number>();
    const read = readAll(queue);
    await Promise.resolve();
    queue.close();
    expect(await read).toEqual([]);
  });

  test('throws its error after what is already there', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.close(new Error('gone'));
    const reader = queue.read();
    expect(await reader.next()).toEqual({ done: false, value: 1 });
    await expect(reader.next()).rejects.toThrow('gone');
  });

  test('stays closed as it was first', async () => {
    const queue = new AsyncQueue<number>();
    queue.close();
    queue.close(new Error('too late'));
    expect(await readAll(queue)).toEqual([]);
  });
});
