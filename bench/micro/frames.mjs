/**
 * What it costs to write and read what goes from task to task.
 *
 *   npm run build && node bench/micro/frames.mjs [rounds]
 *
 * Fails where writing a frame of few rows is not at least twice as quick as the Arrow library. Times are CPU time of the fastest round.
 */
import {
  Dictionary,
  Field,
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
import { decodeFrame, encodeFrame, packStrings } from '../../dist/wire/arrow-frame.js';

const rounds = Number(process.argv[2] ?? 15);

/** Microseconds for one call. */
function cost(work, calls) {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i++) work();
    const spent = process.cpuUsage(before);
    least = Math.min(least, (spent.user + spent.system) / calls);
  }
  return least;
}

const DICTIONARIES = ['label', 'metadata', 'parsed', 'error'];

function frameOf(rows) {
  const ids = () => new Int32Array(rows);
  return {
    ...{ kind: 'rows', rows, attributes: { order: 'descending' } },
    columns: [
      { name: 'timestamp', type: 'timestamp', values: new BigInt64Array(rows) },
      {
        name: 'message',
        type: 'utf8',
        ...packStrings(Array.from({ length: rows }, (_, i) => `a line of a log, number ${i}`)),
      },
      ...DICTIONARIES.map((name) => ({ name, type: 'dictionary', ids: ids(), values: ['app="a",pod="b"', 'app="c"'] })),
    ],
  };
}

function arrowColumn(column, rows, id) {
  const common = { length: rows, nullCount: 0 };
  if (column.type === 'timestamp') return makeData({ ...common, type: new TimestampNanosecond(), data: column.values });
  if (column.type === 'utf8')
    return makeData({ ...common, type: new Utf8(), valueOffsets: column.offsets, data: column.bytes });
  const { offsets, bytes } = packStrings(column.values);
  const words = makeData({ type: new Utf8(), length: 2, nullCount: 0, valueOffsets: offsets, data: bytes });
  const type = new Dictionary(new Utf8(), new Int32(), id);
  return makeData({ ...common, type, data: column.ids, dictionary: makeVector(words) });
}

/** As the Arrow library writes it. */
function arrowFrame({ rows, columns }) {
  const children = columns.map((column, id) => arrowColumn(column, rows, id));
  const fields = columns.map(({ name }, i) => new Field(name, children[i].type, false));
  const struct = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children });
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(new Schema(fields, new Map([['kind', 'rows']])), struct));
  writer.finish();
  return writer.toUint8Array(true);
}

for (const rows of [1, 1000]) {
  const frame = frameOf(rows);
  const bytes = encodeFrame(frame);
  const ours = cost(() => encodeFrame(frame), 200);
  const theirs = cost(() => arrowFrame(frame), 200);
  const read = cost(() => decodeFrame(bytes), 200);
  console.log(
    `${rows} rows: written in ${ours.toFixed(1)} us, by the Arrow library in ${theirs.toFixed(1)} us; read in ${read.toFixed(1)} us`,
  );
  if (rows === 1 && theirs < 2 * ours) process.exitCode = 1;
}
