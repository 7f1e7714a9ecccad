/**
 * What it costs to write a log, to read it at a start, and to tell rows of a stream apart from those it has.
 *
 *   npm run build && node bench/micro/log.mjs [rounds]
 *
 * Batches as clients with many streams send them: two rows for each of 100. Times are CPU time of the fastest round, or the median
 * of the time that a synced write takes, in a folder for temporary files; what is held is the heap's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeRows } from '../../dist/actors/ingester/duplicates.js';
import { digesting } from '../../dist/actors/ingester/logged/digest.js';
import { Memtable } from '../../dist/actors/ingester/memtable.js';
import { loadFingerprint } from '../../dist/actors/ingester/recent.js';
import { StreamRegistry } from '../../dist/actors/ingester/registry.js';
import { takeRecord } from '../../dist/actors/ingester/staging.js';
import { forgetRows, newStream, storedBatch } from '../../dist/actors/ingester/stream.js';
import { NodeDisk } from '../../dist/storage/disk-node.js';
import { segmentsOf } from '../../dist/storage/wal/segments.js';
import { Wal } from '../../dist/storage/wal/wal.js';
import { BatchNames } from '../../dist/wire/batch-names.js';
import { openEntries } from '../../dist/wire/entries.js';
import { sealEntries } from '../../dist/wire/seal-entries.js';

const rounds = Number(process.argv[2] ?? 7);
const [STREAMS, ROWS, LINE] = [100, 200, 150];

/** Of one stream or of all of them; its times go down, as where several clients write to a stream. */
function batchOf(number, streams) {
  const words = new Int32Array(2 * ROWS);
  for (let row = 0; row < ROWS; row++) words[2 * row] = 1e9 - number * ROWS - row;
  return sealEntries({
    tenant: 'tenant',
    streams: Array.from(
      { length: streams },
      (_, s) => `{cluster="eu-1", namespace="shop", pod="service-${s}-7d9f${s}"}`,
    ),
    streamEnds: Array.from({ length: streams }, (_, s) => ((s + 1) * ROWS) / streams),
    keys: [],
    rows: ROWS,
    timeWords: words,
    messageOffsets: Int32Array.from({ length: ROWS + 1 }, (_, i) => i * LINE),
    messages: new Uint8Array(ROWS * LINE).fill(97),
    pairs: 0,
    pairStarts: new Int32Array(ROWS + 1),
    pairKeys: new Int32Array(0),
    pairOffsets: new Int32Array(1),
    metadata: new Uint8Array(0),
  });
}

function show(what, work, before) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const from = process.cpuUsage();
    work();
    const spent = process.cpuUsage(from);
    least = Math.min(least, (spent.user + spent.system) / 1000);
  }
  print(what, least, 'ms', before);
  return least;
}

/** What the result of a work holds. */
function showHeld(what, work, before) {
  gc();
  const from = process.memoryUsage().heapUsed;
  const held = work();
  gc();
  const bytes = process.memoryUsage().heapUsed - from;
  print(what, held.length > 0 ? bytes / 1e6 : 0, 'MB', before);
  return bytes / 1e6;
}

function print(what, value, unit, before) {
  const ratio = before === undefined ? '' : `${(before / value).toFixed(1)} x`;
  console.log(`${what.padEnd(60)} ${value.toFixed(value < 1 ? 3 : 1).padStart(8)} ${unit} ${ratio.padStart(8)}`);
}

const buffers = Array.from({ length: 500 }, (_, i) => batchOf(i, STREAMS).buffer.slice(0));
const apart = () => buffers.map((buffer) => openEntries(buffer));
const sharing = () => {
  const names = new BatchNames();
  return buffers.map((buffer) => openEntries(buffer, names));
};
const spent = show('500 batches of 100 streams are opened', apart);
show('sharing the strings of their names', sharing, spent);
const held = showHeld('500 batches of 100 streams hold', apart);
showHeld('sharing the strings of their names', sharing, held);

const fingerprint = await loadFingerprint();
const records = buffers.map((buffer, i) => ({ seq: i + 1, payload: new Uint8Array(buffer) }));
/** As a restart has them in memory. */
function takeOver() {
  const into = { registry: new StreamRegistry(), counters: { duplicateRows: 0, unreadableRecords: 0 } };
  const names = new BatchNames();
  const table = new Memtable(1, 1, 0);
  for (const { seq, payload } of records) {
    const own = payload.buffer.slice(0);
    fingerprint(new Uint8Array(own));
    table.add(takeRecord(into, openEntries(own, names), seq), 0);
  }
}
const taken = show('500 records of a log become memory', takeOver);
const digest = digesting(fingerprint);
show('stay where they are, and a digest is made', () => digest(records), taken);

const pushes = Array.from({ length: 400 }, (_, i) => batchOf(i, 1));
/** All of them into one stream, of which a memtable of 50 is dropped again and again while two are left. */
function stream(isDense) {
  const into = newStream('tenant', '{}', []);
  into.isDense = isDense;
  pushes.forEach((entries, i) => {
    const memtable = Math.floor(i / 50);
    takeRows(into, { ...storedBatch(entries, [], i), memtable }, 0, []);
    if (i % 50 !== 49 || memtable < 2) return;
    forgetRows(into, memtable - 2, { pieces: 50, rows: 50 * ROWS });
  });
}
const byHash = show('80,000 rows out of order, where many have one time', () => stream(true));
show('where few have', () => stream(false), byHash);

/** Median ms of a write, where a log is truncated again and again to its last segments. */
async function writes(sparesMax) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-log-'));
  try {
    const disk = await NodeDisk.open(folder);
    const nothing = segmentsOf(disk, () => null);
    const { wal } = await Wal.open(disk, { segmentBytesMax: 16 << 20, sparesMax }, nothing);
    const payload = new Uint8Array(new SharedArrayBuffer(76 << 10)).fill(97);
    const times = [];
    for (let seq = 1; seq <= 3000; seq++) {
      const from = performance.now();
      await wal.append([{ seq, payload }]);
      if (seq > 1500) times.push(performance.now() - from);
      if (seq % 215 === 0) {
        await wal.rotate();
        await wal.truncate(seq - 215);
      }
    }
    await wal.close();
    return times.sort((a, b) => a - b)[times.length >> 1];
  } finally {
    await rm(folder, { recursive: true });
  }
}

const appended = await writes(0);
print('76 KB are written and synced', appended, 'ms');
print('over segments that are no longer needed', await writes(4), 'ms', appended);
