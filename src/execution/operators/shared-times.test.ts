import { expect, test } from 'vitest';
import { LogBatch } from '../batch/log-batch.js';
import { LabelledStreams } from '../batch/streams.js';
import { StreamTimes } from './shared-times.js';

function batch(base: bigint, rows: readonly (readonly [stream: number, time: number])[]): LogBatch {
  const times = Float64Array.from(rows, ([, time]) => time);
  const streams = new LabelledStreams([[], [], []]);
  const nothing = {
    message: () => ({ offsets: new Int32Array(1), bytes: Buffer.alloc(0) }),
    messageLengths: () => undefined,
  };
  return new LogBatch(
    base,
    times,
    streams,
    Int32Array.from(rows, ([stream]) => stream),
    {
      ...nothing,
      metadataKeys: () => [],
      metadata: () => undefined,
    },
  );
}

test('times are shared only within a stream, whatever their bases and their order', () => {
  const own = new StreamTimes(100n);
  own.add(
    batch(100n, [
      [0, 5],
      [0, 9],
      [1, 7],
    ]),
  );
  own.add(
    batch(90n, [
      [0, 11],
      [2, 40],
    ]),
  );
  const older = new StreamTimes(100n);
  older.add(
    batch(103n, [
      [7, 6],
      [7, -2],
      [8, 4],
      [9, 27],
    ]),
    new Map([
      [7, 0],
      [8, 2],
    ]),
  );
  expect(older.sharedWith(own)).toEqual(new Map([[0, new Set([1, 9])]]));
});

test('of more times than fit at first none is lost', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => [0, 999 - i] as const);
  const [own, older] = [new StreamTimes(0n), new StreamTimes(0n)];
  own.add(batch(0n, rows));
  older.add(
    batch(
      0n,
      rows.filter(([, time]) => time % 3 === 0),
    ),
  );
  expect(older.sharedWith(own).get(0)?.size).toBe(334);
});
