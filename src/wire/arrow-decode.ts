/**
 * Reads the Arrow IPC streams that `encodeFrame` writes (Columnar Format 1.5: encapsulated messages with schema,
 * dictionaries and one record batch; Message.fbs, Schema.fbs), and nothing else. The bytes may come from anywhere: every
 * length and offset is checked against what is there, so what can be asked for is bounded by the bytes that were sent.
 */
import type { Frame, FrameColumn } from './arrow-frame.js';
import { Table } from './flatbuffer.js';

/** Thrown for all bytes that are not a frame. */
export class FrameError extends RangeError {}

/** Views into `bytes`, without copying columns unless they start at an odd address. Throws FrameError. */
export function decodeFrame(bytes: Uint8Array): Frame {
  try {
    return readFrame(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());
  } catch (error) {
    if (error instanceof FrameError || !(error instanceof RangeError)) throw error;
    throw new FrameError(`arrow frame: ${error.message}`); // a DataView or a typed array has said no
  }
}

interface IpcMessage {
  readonly type: number;
  readonly header: Table;
  readonly body: Uint8Array;
}

const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
const CONTINUATION = 0xffffffff;

function readFrame(bytes: Uint8Array): Frame {
  let schema: Schema | undefined;
  const dictionaries = new Map<number, readonly string[]>();
  for (const { type, header, body } of messages(bytes)) {
    if (type === SCHEMA && !schema) schema = readSchema(header);
    else if (type === DICTIONARY_BATCH && schema) readDictionary(header, body, dictionaries);
    else if (type === RECORD_BATCH && schema) return readBatch(schema, dictionaries, header, body);
    else throw new FrameError(`arrow frame: message ${type} is out of place`);
  }
  throw new FrameError('arrow frame: no record batch');
}

/** [0xFFFFFFFF][bytes of metadata: i32][metadata][body], each a multiple of 8 bytes; ends with metadata of no bytes. */
function* messages(bytes: Uint8Array): Generator<IpcMessage, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    if (view.getUint32(at, true) !== CONTINUATION) throw new FrameError('arrow frame: no message');
    const metadataBytes = view.getUint32(at + 4, true);
    if (metadataBytes === 0) return;
    const metadata = cut(bytes, at + 8, metadataBytes);
    const message = Table.root(metadata);
    const header = message.table(2);
    if (!header) throw new FrameError('arrow frame: a message without a header');
    const body = cut(bytes, at + 8 + metadataBytes, message.size(3));
    yield { type: message.uint8(1), header, body };
    at += 8 + metadataBytes + body.length;
  }
}

function cut(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new FrameError(`arrow frame: ${length} bytes at ${start} are missing`);
  return bytes.subarray(start, start + length);
}

interface Schema {
  readonly kind: Frame['kind'];
  readonly attributes: Readonly<Record<string, string>>;
  readonly fields: readonly FieldType[];
}

interface FieldType {
  readonly name: string;
  readonly type: FrameColumn['type'];
  readonly dictionary: number;
}

function readSchema(header: Table): Schema {
  if (header.int16(0) !== 0) throw new FrameError('arrow frame: numbers are not little endian');
  const entries = header.tables(2).map((pair) => [pair.string(0), pair.string(1)] as const);
  const { kind, ...attributes } = Object.fromEntries(entries);
  if (kind !== 'rows' && kind !== 'samples' && kind !== 'states') throw new FrameError(`arrow frame: kind ${kind}`);
  return { kind, attributes, fields: header.tables(1).map(readField) };
}

const TYPE_INT = 2;
const TYPE_FLOAT = 3;
const TYPE_UTF8 = 5;
const TYPE_TIMESTAMP = 10;
const TYPE_LIST = 12;
const DOUBLE = 2;
const NANOSECOND = 3;

function readField(field: Table): FieldType {
  const name = field.string(0);
  const encoding = field.table(4);
  const type = field.table(3);
  const number = field.uint8(2);
  if (number === TYPE_LIST && !encoding) {
    const [item] = field.tables(5);
    if (item && isDictionary(item)) return { name, type: 'list', dictionary: item.table(4)!.size(0) };
  }
  if (encoding && isDictionary(field)) return { name, type: 'dictionary', dictionary: encoding.size(0) };
  const plain = encoding ? undefined : plainType(number, type);
  if (!plain) throw new FrameError(`arrow frame: column ${name} has an unexpected type`);
  return { name, type: plain, dictionary: -1 };
}

/** Of texts. */
function isDictionary(field: Table): boolean {
  const encoding = field.table(4);
  return encoding !== undefined && field.uint8(2) === TYPE_UTF8 && isInt32(encoding.table(1));
}

function plainType(number: number, type: Table | undefined): FrameColumn['type'] | undefined {
  if (number === TYPE_UTF8) return 'utf8';
  if (number === TYPE_INT && isInt32(type)) return 'int32';
  if (number === TYPE_FLOAT && type?.int16(0) === DOUBLE) return 'float64';
  return number === TYPE_TIMESTAMP && type?.int16(0) === NANOSECOND ? 'timestamp' : undefined;
}

/** No type is that of Arrow's default index, a signed int32. */
function isInt32(type: Table | undefined): boolean {
  return type === undefined || (type.int32(0) === 32 && type.uint8(1) === 1);
}

/** Buffers of a batch in the order of its columns; the first of each column says what is null, which nothing is. */
class Buffers {
  readonly rows: number;
  readonly #lengths: readonly (readonly [number, number])[];
  readonly #buffers: (readonly [number, number])[];
  readonly #body: Uint8Array;
  #column = 0;
  #next = 0;

  constructor(batch: Table, body: Uint8Array) {
    if (batch.table(3)) throw new FrameError('arrow frame: compressed');
    this.rows = batch.size(0);
    this.#lengths = batch.pairs(1);
    this.#buffers = batch.pairs(2);
    this.#body = body;
  }

  /** Goes on to the buffers of the next column, of so many values; the first, which says what is null, is left out. */
  begin(values: number): void {
    const [length, nulls] = this.#lengths[this.#column++] ?? [values, 0];
    if (length !== values || nulls !== 0) throw new FrameError('arrow frame: columns differ in length');
    this.#next++;
  }

  /** Bounds of what the rows have, which begin at 0, never fall, and end at `end` or before. */
  bounds(end: number): Int32Array {
    // Arrow allows no bounds at all where there are no rows.
    if (this.rows === 0) {
      this.#next++;
      return new Int32Array(1);
    }
    const bounds = this.take(this.rows + 1, Int32Array, 4);
    let last = 0;
    for (const bound of bounds) {
      if (bound < last || bound > end) throw new FrameError(`arrow frame: a value ends at ${bound} of ${end}`);
      last = bound;
    }
    return bounds;
  }

  /** `items` of a fixed size. */
  take<T>(items: number, type: new (buffer: ArrayBufferLike, offset: number, length: number) => T, width: number): T {
    const [offset, length] = this.#buffers[this.#next++] ?? [0, 0];
    if (items * width > length) throw new FrameError(`arrow frame: ${items} values in ${length} bytes`);
    const bytes = cut(this.#body, offset, length);
    return new type(bytes.buffer, bytes.byteOffset, items);
  }

  /** Numbers of so many of a dictionary's values. */
  indices(count: number, values: readonly string[] = []): { ids: Int32Array; values: readonly string[] } {
    const ids = this.take(count, Int32Array, 4);
    for (const id of ids) {
      if (id < 0 || id >= values.length) throw new FrameError(`arrow frame: value ${id} of ${values.length}`);
    }
    return { ids, values };
  }

  /** Strings back to back: their bounds, one more than strings, and their bytes. */
  texts(): { offsets: Int32Array; bytes: Uint8Array } {
    this.begin(this.rows);
    const [offset, length] = this.#buffers[this.#next + 1] ?? [0, 0];
    const offsets = this.bounds(length);
    this.#next++;
    return { offsets, bytes: cut(this.#body, offset, length) };
  }
}

function readDictionary(header: Table, body: Uint8Array, dictionaries: Map<number, readonly string[]>): void {
  const batch = header.table(1);
  if (!batch || header.uint8(2) !== 0) throw new FrameError('arrow frame: a part of a dictionary');
  const { offsets, bytes } = new Buffers(batch, body).texts();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Array.from({ length: offsets.length - 1 }, (_, i) => buffer.utf8Slice(offsets[i]!, offsets[i + 1]!));
  dictionaries.set(header.size(0), values);
}

function readBatch(
  { kind, attributes, fields }: Schema,
  dictionaries: ReadonlyMap<number, readonly string[]>,
  header: Table,
  body: Uint8Array,
): Frame {
  const buffers = new Buffers(header, body);
  if (fields.length === 0 && buffers.rows > 0) throw new FrameError('arrow frame: rows without columns');
  const columns = fields.map((field) => readColumn(field, buffers, dictionaries));
  return { kind, rows: buffers.rows, attributes, columns };
}

function readColumn(
  { name, type, dictionary }: FieldType,
  buffers: Buffers,
  dictionaries: ReadonlyMap<number, readonly string[]>,
): FrameColumn {
  const { rows } = buffers;
  if (type === 'utf8') return { name, type, ...buffers.texts() };
  buffers.begin(rows);
  switch (type) {
    case 'int32':
      return { name, type, values: buffers.take(rows, Int32Array, 4) };
    case 'float64':
      return { name, type, values: buffers.take(rows, Float64Array, 8) };
    case 'timestamp':
      return { name, type, values: buffers.take(rows, BigInt64Array, 8) };
    case 'dictionary':
      return { name, type, ...buffers.indices(rows, dictionaries.get(dictionary)) };
    case 'list': {
      const starts = buffers.bounds(0x7fffffff);
      buffers.begin(starts[rows]!);
      return { name, type, starts, ...buffers.indices(starts[rows]!, dictionaries.get(dictionary)) };
    }
  }
}
