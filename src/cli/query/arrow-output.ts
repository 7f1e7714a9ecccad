/**
 * Answers as one Arrow IPC stream (https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format), which DuckDB,
 * pandas and polars read as it is. Labels are JSON texts.
 */
import {
  type Data,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampNanosecond,
  Utf8,
} from 'apache-arrow';
import { packStrings } from '../../wire/arrow-frame.js';
import { NS_PER_MS } from '../../wire/time.js';
import type { Entry } from './entries.js';
import type { Series } from './print.js';

type Write = (bytes: Uint8Array) => Promise<void>;

/** Columns `timestamp`, `labels` and `line`; a batch a page. Returns the number of lines. */
export async function writeEntries(pages: AsyncIterable<readonly Entry[]>, write: Write): Promise<number> {
  const stream = new ArrowStream([...COMMON, new Field('line', new Utf8(), false)], write);
  let lines = 0;
  for await (const page of pages) {
    lines += page.length;
    const labels = page.map((entry) => JSON.stringify(Object.fromEntries(entry.labels)));
    const times = BigInt64Array.from(page, ({ time }) => time);
    stream.batch(page.length, [timesOf(times), textsOf(labels), textsOf(page.map(({ line }) => line))]);
  }
  await stream.end();
  return lines;
}

/** Columns `timestamp`, `labels` and `value`; a batch a series. */
export async function writeSeries(all: readonly Series[], write: Write): Promise<void> {
  const stream = new ArrowStream([...COMMON, new Field('value', new Float64(), false)], write);
  for (const { metric, points } of all) {
    const { length } = points;
    const times = BigInt64Array.from(points, ([seconds]) => BigInt(Math.round(seconds * 1000)) * NS_PER_MS);
    const labels = new Array<string>(length).fill(JSON.stringify(metric));
    const values = Float64Array.from(points, ([, value]) => numberOf(value));
    stream.batch(length, [timesOf(times), textsOf(labels), makeData({ type: new Float64(), length, data: values })]);
  }
  await stream.end();
}

const COMMON = [new Field('timestamp', new TimestampNanosecond('UTC'), false), new Field('labels', new Utf8(), false)];

class ArrowStream {
  readonly #schema: Schema;
  readonly #writer = new RecordBatchStreamWriter();
  readonly #written: Promise<void>;

  constructor(fields: Field[], write: Write) {
    this.#schema = new Schema(fields);
    this.#writer.reset(undefined, this.#schema);
    this.#written = this.#copy(write);
  }

  batch(length: number, children: Data[]): void {
    if (length === 0) return;
    const struct = makeData({ type: new Struct(this.#schema.fields), length, nullCount: 0, children });
    this.#writer.write(new RecordBatch(this.#schema, struct));
  }

  async end(): Promise<void> {
    this.#writer.finish();
    await this.#written;
  }

  async #copy(write: Write): Promise<void> {
    for await (const bytes of this.#writer) await write(bytes);
  }
}

function timesOf(data: BigInt64Array): Data {
  return makeData({ type: new TimestampNanosecond('UTC'), length: data.length, nullCount: 0, data });
}

function textsOf(texts: readonly string[]): Data {
  const { offsets, bytes } = packStrings(texts);
  return makeData({ type: new Utf8(), length: texts.length, nullCount: 0, valueOffsets: offsets, data: bytes });
}

/** As Prometheus writes numbers. */
function numberOf(value: string): number {
  if (value === '+Inf') return Number.POSITIVE_INFINITY;
  return value === '-Inf' ? Number.NEGATIVE_INFINITY : Number(value);
}
