/**
 * Writes frames as Arrow IPC streams (Columnar Format 1.5: encapsulated messages with schema, dictionaries and one record
 * batch; Message.fbs, Schema.fbs), which every Arrow implementation reads. Columns may be views and may share memory.
 */
import type { Frame, FrameColumn } from './arrow-frame.js';
import { type FlatField, type FlatTable, writeFlatBuffer } from './flatbuffer-writer.js';

const [SCHEMA, DICTIONARY_BATCH, RECORD_BATCH] = [1, 2, 3] as const;
const VERSION_5 = 4;
const [TYPE_INT, TYPE_FLOAT, TYPE_UTF8, TYPE_TIMESTAMP, TYPE_LIST] = [2, 3, 5, 10, 12] as const;
const DOUBLE = 2;
const NANOSECOND = 3;
const CONTINUATION = 0xffffffff;

const uint8 = (value: number): FlatField => ({ kind: 'uint8', value });
const int16 = (value: number): FlatField => ({ kind: 'int16', value });
const int32 = (value: number): FlatField => ({ kind: 'int32', value });
const size = (value: number): FlatField => ({ kind: 'size', value });
const text = (value: string): FlatField => ({ kind: 'string', value });
const table = (value: FlatTable): FlatField => ({ kind: 'table', value });
const tables = (value: readonly FlatTable[]): FlatField => ({ kind: 'tables', value });

/** Into memory of its own. */
export function encodeFrame(frame: Frame): Uint8Array {
  const messages = [schemaMessage(frame)];
  frame.columns.forEach((column, id) => {
    if (column.type === 'dictionary' || column.type === 'list') messages.push(dictionaryMessage(id, column.values));
  });
  const body = new Body();
  for (const column of frame.columns) addColumn(body, column, frame.rows);
  messages.push(message(RECORD_BATCH, body.batch(frame.rows), body));
  return assemble(messages);
}

/** Metadata in FlatBuffers, and the buffers behind it. Lengths are multiples of 8. */
interface IpcMessage {
  readonly metadata: Uint8Array;
  readonly body: Body | undefined;
}

function message(type: number, header: FlatTable, body?: Body): IpcMessage {
  const bodyBytes = size(body?.length ?? 0);
  return { metadata: writeFlatBuffer([int16(VERSION_5), uint8(type), table(header), bodyBytes]), body };
}

/** Schemas of frames without attributes, which are all alike but for a few kinds: most of what a small frame takes is to write them. */
const schemas = new Map<string, IpcMessage>();
/** Columns come from our own operators: there are no more than a handful. */
const SCHEMAS_MAX = 64;

function schemaMessage(frame: Frame): IpcMessage {
  const { kind, attributes, columns } = frame;
  if (Object.keys(attributes).length > 0) return newSchemaMessage(frame);
  const key = `${kind} ${columns.map(({ name, type }) => `${type} ${name}`).join()}`;
  let schema = schemas.get(key);
  if (schema === undefined) {
    schema = newSchemaMessage(frame);
    if (schemas.size < SCHEMAS_MAX) schemas.set(key, schema);
  }
  return schema;
}

function newSchemaMessage({ kind, attributes, columns }: Frame): IpcMessage {
  const pairs = Object.entries({ ...attributes, kind }).map(([key, value]) => [text(key), text(value)]);
  return message(SCHEMA, [undefined, tables(columns.map(fieldOf)), tables(pairs)]);
}

const INT32: FlatTable = [int32(32), uint8(1)];
const NO_CHILDREN = tables([]);

function fieldOf({ name, type }: FrameColumn, id: number): FlatTable {
  const field = (number: number, fields: FlatTable, children = NO_CHILDREN): FlatTable => {
    return [text(name), undefined, uint8(number), table(fields), undefined, children];
  };
  switch (type) {
    case 'int32':
      return field(TYPE_INT, INT32);
    case 'float64':
      return field(TYPE_FLOAT, [int16(DOUBLE)]);
    case 'timestamp':
      return field(TYPE_TIMESTAMP, [int16(NANOSECOND)]);
    case 'utf8':
      return field(TYPE_UTF8, []);
    case 'dictionary':
      return dictionaryField(name, id);
    case 'list':
      return field(TYPE_LIST, [], tables([dictionaryField('item', id)]));
  }
}

function dictionaryField(name: string, id: number): FlatTable {
  return [text(name), undefined, uint8(TYPE_UTF8), table([]), table([size(id), table(INT32)]), NO_CHILDREN];
}

function dictionaryMessage(id: number, values: readonly string[]): IpcMessage {
  const body = new Body();
  addTexts(body, packStrings(values), values.length);
  return message(DICTIONARY_BATCH, [size(id), table(body.batch(values.length))], body);
}

type Values = Int32Array | Float64Array | BigInt64Array | Uint8Array;

/** Buffers of columns one after another, each at a multiple of 8. */
class Body {
  length = 0;
  readonly #parts: Values[] = [];
  readonly #places: number[] = [];
  readonly #nodes: number[] = [];

  /** Begins with the one that says which rows are null: none, so it is left out. */
  addColumn(rows: number, ...buffers: readonly Values[]): void {
    this.#nodes.push(rows, 0);
    this.#places.push(this.length, 0);
    for (const buffer of buffers) {
      this.#places.push(this.length, buffer.byteLength);
      this.#parts.push(buffer);
      this.length = padded(this.length + buffer.byteLength);
    }
  }

  batch(rows: number): FlatTable {
    return [size(rows), { kind: 'pairs', value: this.#nodes }, { kind: 'pairs', value: this.#places }];
  }

  copyTo(bytes: Uint8Array, start: number): void {
    let at = start;
    for (const { buffer, byteOffset, byteLength } of this.#parts) {
      bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
      at = padded(at + byteLength);
    }
  }
}

function addColumn(body: Body, column: FrameColumn, rows: number): void {
  if (column.type === 'utf8') addTexts(body, column, rows);
  else if (column.type === 'list') {
    const items = column.starts[rows] ?? 0;
    body.addColumn(rows, column.starts.subarray(0, rows + 1));
    body.addColumn(items, column.ids.subarray(0, items));
  } else body.addColumn(rows, (column.type === 'dictionary' ? column.ids : column.values).subarray(0, rows));
}

/** Bounds are stored from 0 on; those of a view may begin elsewhere. */
function addTexts(body: Body, { offsets, bytes }: { offsets: Int32Array; bytes: Uint8Array }, rows: number): void {
  const first = offsets[0] ?? 0;
  const bounds = offsets.subarray(0, rows + 1);
  const own = first === 0 ? bounds : bounds.map((bound) => bound - first);
  body.addColumn(rows, own, bytes.subarray(first, offsets[rows]));
}

/** [0xFFFFFFFF][bytes of metadata: i32][metadata][body], again and again; ends with metadata of no bytes. */
function assemble(messages: readonly IpcMessage[]): Uint8Array {
  const total = messages.reduce((sum, { metadata, body }) => sum + 8 + metadata.length + (body?.length ?? 0), 8);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { metadata, body } of messages) {
    view.setUint32(at, CONTINUATION, true);
    view.setUint32(at + 4, metadata.length, true);
    bytes.set(metadata, at + 8);
    at += 8 + metadata.length;
    body?.copyTo(bytes, at);
    at += body?.length ?? 0;
  }
  view.setUint32(at, CONTINUATION, true);
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
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
