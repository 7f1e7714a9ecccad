/**
 * One object of each kind that the inner loops of a build look at, to be kept for good. V8 forgets the layout of a kind of object
 * when a collection finds none of it, and with that what it has learnt of code that looks at one; and collections after every build
 * are what gives the memory of batches back. Each build then began with compiling a hundred functions anew, a sixth of its CPU time.
 */
import { sealEntries } from '../../../wire/seal-entries.js';
import { TimestampView } from '../../../wire/time.js';
import { compress } from '../../zstd.js';
import { ByteSink } from '../byte-sink.js';
import { CountedRows, countRows } from '../pointers/counts.js';
import { joinIds } from '../pointers/joined-ids.js';
import type { BuildInput, BuildSettings } from '../types.js';
import { gatherRows } from './builder.js';
import { cutRows } from './cut.js';
import { encodeValues } from './encode-metadata.js';
import { encodeMessages } from './encode-rows.js';
import { gatherMetadata } from './metadata-columns.js';
import { NumberColumns } from './number-columns.js';
import { ShapeTable } from './shape-table.js';

export function kindsOfBuild(settings: BuildSettings): readonly object[] {
  const input = smallestInput();
  const { section, ordered, labels } = gatherRows(input, settings);
  const { rows, batches, metadataKeys } = section;
  const starts = Int32Array.of(0, rows.count);
  const metadata = gatherMetadata(rows, 0, rows.count, batches, metadataKeys);
  const written = metadata.columns.map((column) => encodeValues(column, starts, settings.zstdLevel));
  const messages = encodeMessages(rows, starts, batches, settings);
  const counted = new CountedRows(rows.stream, rows.time, rows.messageBytes, 0n);
  const joined = joinIds([{ ids: rows.stream, values: 1 }], rows.count)!;
  const counts = countRows(counted, joined, { ...settings, rowsPerBinMin: 1 });
  const packed = compress(new Uint8Array(1), settings.zstdLevel);
  const times = new TimestampView(batches[0]!.times);
  const shapes = new ShapeTable(1, 1);
  const numbers = new NumberColumns(shapes, settings.zstdLevel);
  const kinds = [new ByteSink(), times, shapes, numbers, metadata, written, messages, counted, joined, counts, packed];
  return [settings, input, section, ordered, labels, cutRows(ordered, settings), ...kinds];
}

/** One row with one pair. */
function smallestInput(): BuildInput {
  const batch = sealEntries({
    tenant: '',
    streams: ['{}'],
    streamEnds: [1],
    keys: ['key'],
    rows: 1,
    timeWords: new Int32Array(2),
    messageOffsets: Int32Array.of(0, 1),
    messages: new Uint8Array(1),
    pairs: 1,
    pairStarts: Int32Array.of(0, 1),
    pairKeys: new Int32Array(1),
    pairOffsets: Int32Array.of(0, 1),
    metadata: new Uint8Array(1),
  });
  const runs = Int32Array.of(0, 0, 1, 0);
  const source = { writer: '', fromSeq: 1, toSeq: 1 };
  return { tenant: '', batches: [batch], streams: [{ labels: [] }], runs, window: { start: 0n, end: 1n }, source };
}
