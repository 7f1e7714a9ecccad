import { tableFromIPC } from 'apache-arrow';
import { expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type Frame, FrameError, packStrings } from './arrow-frame.js';

const frame: Frame = {
  kind: 'rows',
  rows: 3,
  attributes: { base: '17' },
  columns: [
    { name: 'time', type: 'timestamp', values: new BigInt64Array([1n, 2n, 1_793_491_206_250_000_968n]) },
    { name: 'message', type: 'utf8', ...packStrings(['a', '', 'žluť']) },
    { name: 'labels', type: 'dictionary', ids: new Int32Array([1, 0, 1]), values: ['x', 'ÿ'] },
    { name: 'extra', type: 'dictionary', ids: new Int32Array([0, 0, 0]), values: ['only'] },
    { name: 'lists', type: 'list', starts: Int32Array.of(0, 2, 2, 3), ids: Int32Array.of(1, 0, 1), values: ['p', 'q'] },
    { name: 'value', type: 'float64', values: new Float64Array([1.5, Number.NaN, -0]) },
    { name: 'step', type: 'int32', values: new Int32Array([1, -2, 3]) },
  ],
};

test('a frame survives the wire with every column type', () => {
  const decoded = decodeFrame(encodeFrame(frame));
  expect(decoded.kind).toBe('rows');
  expect(decoded.attributes).toEqual({ base: '17' });
  for (const column of frame.columns) {
    const got = decoded.columns.find((c) => c.name === column.name)!;
    if (column.type === 'utf8' && got.type === 'utf8') {
      const text = (c: typeof column) =>
        Array.from({ length: 3 }, (_, i) => Buffer.from(c.bytes.subarray(c.offsets[i], c.offsets[i + 1])).toString());
      expect(text(got)).toEqual(text(column));
    } else if (column.type === 'dictionary' && got.type === 'dictionary') {
      expect([...got.ids].map((id) => got.values[id])).toEqual([...column.ids].map((id) => column.values[id]));
    } else expect(got).toEqual(column);
  }
});

test('Arrow reads a frame as we do', () => {
  const table = tableFromIPC(encodeFrame(frame));
  expect(table.numRows).toBe(3);
  expect(Object.fromEntries(table.schema.metadata)).toEqual({ base: '17', kind: 'rows' });
  expect(table.schema.fields.map(({ name, type, nullable }) => `${name} ${type} ${nullable}`)).toEqual([
    'time Timestamp<NANOSECOND> false',
    'message Utf8 false',
    'labels Dictionary<Int32, Utf8> false',
    'extra Dictionary<Int32, Utf8> false',
    'lists List<Dictionary<Int32, Utf8>> false',
    'value Float64 false',
    'step Int32 false',
  ]);
  const column = (name: string): unknown[] => [...table.getChild(name)!];
  expect(table.getChild('time')!.data[0]!.values).toEqual(new BigInt64Array([1n, 2n, 1_793_491_206_250_000_968n]));
  expect(column('message')).toEqual(['a', '', 'žluť']);
  expect(column('labels')).toEqual(['ÿ', 'x', 'ÿ']);
  expect(column('extra')).toEqual(['only', 'only', 'only']);
  expect(column('lists').map((list) => [...(list as Iterable<string>)])).toEqual([['q', 'p'], [], ['q']]);
  expect(column('value')).toEqual([1.5, Number.NaN, -0]);
  expect(column('step')).toEqual([1, -2, 3]);
});

test('Arrow reads an empty frame, and one with hundreds of columns and attributes of all lengths', () => {
  const empty = encodeFrame({
    ...{ kind: 'rows', rows: 0, attributes: {} },
    columns: [
      { name: 'm', type: 'utf8', ...packStrings([]) },
      { name: 'd', type: 'dictionary', ids: new Int32Array(0), values: [] },
      { name: 'l', type: 'list', starts: new Int32Array(1), ids: new Int32Array(0), values: [] },
    ],
  });
  expect(tableFromIPC(empty).numRows).toBe(0);
  const attributes = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, 'ž'.repeat(i)]));
  const columns = Array.from({ length: 300 }, (_, i) => ({
    ...{ name: `${i}`, type: 'int32' as const, values: Int32Array.of(i) },
  }));
  const wide = encodeFrame({ kind: 'states', rows: 1, attributes, columns });
  const table = tableFromIPC(wide);
  expect(Object.fromEntries(table.schema.metadata)).toEqual({ ...attributes, kind: 'states' });
  expect(Object.values(table.get(0)!.toJSON())).toEqual(columns.map((_, i) => i));
  expect(decodeFrame(wide)).toEqual({ kind: 'states', rows: 1, attributes, columns });
});

test('a text column whose bounds begin behind the start of its bytes is written from there', () => {
  const { offsets, bytes } = packStrings(['left out', 'a', 'bc', 'left out']);
  const view: Frame['columns'][number] = { name: 'm', type: 'utf8', offsets: offsets.subarray(1, 4), bytes };
  const table = tableFromIPC(encodeFrame({ kind: 'rows', rows: 2, attributes: {}, columns: [view] }));
  expect([...table.getChild('m')!]).toEqual(['a', 'bc']);
});

test('an empty frame survives the wire', () => {
  const empty: Frame = {
    kind: 'samples',
    rows: 0,
    attributes: {},
    columns: [{ name: 'v', type: 'float64', values: new Float64Array(0) }],
  };
  expect(decodeFrame(encodeFrame(empty)).rows).toBe(0);
});

test('bytes that are not a frame are refused', () => {
  expect(() => decodeFrame(new Uint8Array([1, 2, 3]))).toThrow();
});

test('a dictionary that claims more values than it has is refused', () => {
  const bytes = encodeFrame({
    kind: 'rows',
    rows: 1,
    attributes: {},
    columns: [{ name: 'd', type: 'dictionary', ids: Int32Array.of(0), values: Array.from({ length: 1000 }, () => '') }],
  });
  // The number of values is an int64 in the frame, more than once; only as lengths do 1000 stand there.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    if (view.getBigInt64(at, true) === 1000n) view.setBigInt64(at, 2n ** 31n - 1n, true);
  }
  expect(() => decodeFrame(bytes)).toThrow(/2147483648 values in \d+ bytes/);
});

test('a frame cut off anywhere, or changed in any byte, is refused with one kind of error or read to its end', () => {
  const bytes = encodeFrame(frame);
  // Behind the record batch only the mark of the end is left.
  for (let length = 0; length < bytes.length - 8; length++) {
    expect(() => decodeFrame(bytes.subarray(0, length))).toThrow(FrameError);
  }
  for (let at = 0; at < bytes.length; at++) {
    for (const value of [0, 0x7f, 0xff]) {
      const changed = bytes.slice();
      changed[at] = value;
      try {
        expect(decodeFrame(changed).columns.length).toBeLessThanOrEqual(7);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }
  }
});

test('a frame at an odd address in memory is read as well', () => {
  const bytes = encodeFrame(frame);
  const odd = new Uint8Array(bytes.length + 3);
  odd.set(bytes, 3);
  expect(decodeFrame(odd.subarray(3))).toEqual(decodeFrame(bytes));
});

test('rows that no column holds are refused', () => {
  expect(() => decodeFrame(encodeFrame({ kind: 'rows', rows: 5, attributes: {}, columns: [] }))).toThrow(FrameError);
});

test('columns may share their memory, and a frame that was read may be written again', () => {
  const rows = 40;
  const ids = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const shared: Frame = {
    ...{ kind: 'rows', rows, attributes: {} },
    columns: [
      { name: 'a', type: 'dictionary', ids, values: ['x', 'y'] },
      { name: 'b', type: 'dictionary', ids, values: ['x', 'y'] },
      { name: 'c', type: 'int32', values: ids },
    ],
  };
  const read = decodeFrame(encodeFrame(shared));
  expect(read).toEqual(shared);
  expect(decodeFrame(encodeFrame(read))).toEqual(shared);
});
