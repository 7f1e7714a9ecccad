/**
 * What travels on a stream between two tasks: one Arrow RecordBatch as an IPC stream (schema, dictionaries, batch, end),
 * readable by any Arrow implementation. The schema's metadata names the kind of frame and carries its attributes.
 */
import {
  type Data,
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  makeVector,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampNanosecond,
  Utf8,
} from 'apache-arrow';

export { decodeFrame, FrameError } from './arrow-decode.js';

export type FrameColumn =
  | { readonly name: string; readonly type: 'int32'; readonly values: Int32Array }
  | { readonly name: string; readonly type: 'float64'; readonly values: Float64Array }
  /** Nanoseconds since the epoch. */
  | { readonly name: string; readonly type: 'timestamp'; readonly values: BigInt64Array }
  | { readonly name: string; readonly type: 'utf8'; readonly offsets: Int32Array; readonly bytes: Uint8Array }
  /** Row i is `values[ids[i]]`. */
  | {
      readonly name: string;
      readonly type: 'dictionary';
      readonly ids: Int32Array;
      readonly values: readonly string[];
    };

export interface Frame {
  readonly kind: 'rows' | 'samples' | 'states';
  readonly rows: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly columns: readonly FrameColumn[];
}

export function encodeFrame(frame: Frame): Uint8Array {
  const fields = frame.columns.map((column, i) => new Field(column.name, arrowType(column, i), false));
  const metadata = new Map(Object.entries({ ...frame.attributes, kind: frame.kind }));
  const children = apart(frame.columns).map((column, i) => arrowData(column, fields[i]!, frame.rows));
  const struct = makeData({ type: new Struct(fields), length: frame.rows, nullCount: 0, children });
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(new Schema(fields, metadata), struct));
  writer.finish();
  return writer.toUint8Array(true);
}

/** apache-arrow writes memory that two columns share only once, and the frame is broken then: the second gets a copy. */
function apart(columns: readonly FrameColumn[]): FrameColumn[] {
  const seen = new Set<ArrayBufferLike>();
  const own = <T extends Int32Array | Float64Array | BigInt64Array | Uint8Array>(array: T): T => {
    if (seen.has(array.buffer)) return array.slice() as T;
    seen.add(array.buffer);
    return array;
  };
  return columns.map((column): FrameColumn => {
    if (column.type === 'utf8') return { ...column, offsets: own(column.offsets), bytes: own(column.bytes) };
    if (column.type === 'dictionary') return { ...column, ids: own(column.ids) };
    return { ...column, values: own(column.values) } as FrameColumn;
  });
}

function arrowType(column: FrameColumn, id: number) {
  switch (column.type) {
    case 'int32':
      return new Int32();
    case 'float64':
      return new Float64();
    case 'timestamp':
      return new TimestampNanosecond();
    case 'utf8':
      return new Utf8();
    case 'dictionary':
      return new Dictionary(new Utf8(), new Int32(), id);
  }
}

function arrowData(column: FrameColumn, field: Field, rows: number): Data {
  const common = { length: rows, nullCount: 0 };
  switch (column.type) {
    case 'int32':
      return makeData({ ...common, type: new Int32(), data: column.values });
    case 'float64':
      return makeData({ ...common, type: new Float64(), data: column.values });
    case 'timestamp':
      return makeData({ ...common, type: new TimestampNanosecond(), data: column.values });
    case 'utf8':
      return makeData({ ...common, type: new Utf8(), valueOffsets: column.offsets, data: column.bytes });
    case 'dictionary': {
      const { offsets, bytes } = packStrings(column.values);
      const words = makeData({
        type: new Utf8(),
        length: column.values.length,
        nullCount: 0,
        valueOffsets: offsets,
        data: bytes,
      });
      return makeData({
        ...common,
        type: field.type as Dictionary<Utf8, Int32>,
        data: column.ids,
        dictionary: makeVector(words),
      });
    }
  }
}

export function packStrings(values: readonly string[]): { offsets: Int32Array; bytes: Uint8Array } {
  const offsets = new Int32Array(values.length + 1);
  let capacity = 0;
  for (const value of values) capacity += value.length * 3;
  const bytes = Buffer.allocUnsafeSlow(capacity);
  let end = 0;
  for (let i = 0; i < values.length; i++) {
    end += bytes.utf8Write(values[i]!, end);
    offsets[i + 1] = end;
  }
  return { offsets, bytes: bytes.subarray(0, end) };
}
