/**
 * What it costs to count from tables instead of rows, and to plan over many sections.
 *
 *   npm run build && node bench/micro/counts.mjs [rounds]
 *
 * A made-up section of 240 streams over three hours, with levels. Times are CPU time of the fastest round.
 */
import { findOverlaps } from '../../dist/actors/querier/overlaps.js';
import { PaneGrid } from '../../dist/execution/aggregate/pane-grid.js';
import { LabelledStreams } from '../../dist/execution/batch/streams.js';
import { countBins, countsFor } from '../../dist/execution/operators/counted-bins.js';
import { OlderCopies } from '../../dist/execution/operators/older-copies.js';
import { CountedRows, countRows, decodeCounts, encodeCounts } from '../../dist/storage/dataobj/pointers/counts.js';
import { joinIds } from '../../dist/storage/dataobj/pointers/joined-ids.js';
import { DEFAULT_BUILD_SETTINGS } from '../../dist/storage/dataobj/types.js';

const rounds = Number(process.argv[2] ?? 15);
const [STREAMS, ROWS_PER_STREAM, HOUR] = [240, 1800, 3600e9];
const LEVELS = ['debug', 'info', 'warn', 'error'];
const ROWS = STREAMS * ROWS_PER_STREAM;

function show(what, work, rows = ROWS) {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < 5; i++) work();
    const spent = process.cpuUsage(before);
    least = Math.min(least, (spent.user + spent.system) / 5000);
  }
  console.log(
    `${what.padEnd(52)} ${least.toFixed(2).padStart(8)} ms ${(rows / 1000 / least).toFixed(0).padStart(8)} M rows/s`,
  );
}

let seed = 7;
function below(n) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % n;
}

const base = BigInt(Date.UTC(2026, 10, 1)) * 1_000_000n;
const stream = Int32Array.from({ length: ROWS }, (_, i) => Math.floor(i / ROWS_PER_STREAM));
const times = Float64Array.from(
  { length: ROWS },
  (_, i) => ((i % ROWS_PER_STREAM) + 1) * ((3 * HOUR) / ROWS_PER_STREAM),
);
const level = Int32Array.from({ length: ROWS }, () => below(LEVELS.length));
const rows = new CountedRows(stream, times, new Int32Array(ROWS).fill(100), base);
const joined = joinIds([{ ids: level, values: LEVELS.length }], ROWS);
const build = () => countRows(rows, joined, DEFAULT_BUILD_SETTINGS);
show('build tables by stream and level', build);
const tables = build();
const counted = tables.map((counts) => ({
  keys: ['level'],
  values: [LEVELS],
  widthNs: counts.widthNs,
  bins: counts.bin.length,
}));
const encoded = tables.map(encodeCounts);
for (const [i, { bytes, rawBytes }] of encoded.entries())
  show(`decode ${counted[i].bins} bins of ${counted[i].widthNs / 1e9} s, ${bytes.length} B`, () =>
    decodeCounts(bytes, rawBytes, counted[i], {}),
  );

const labels = (id) => [
  ['app', `app-${id % 12}`],
  ['pod', `pod-${id}`],
];
const streams = new LabelledStreams(Array.from({ length: STREAMS }, (_, id) => labels(id)));
const pointers = {
  base,
  counted,
  restKeys: [],
  pages: { maxTime: Float64Array.of(3 * HOUR) },
  column: (name) => name.endsWith('.level') || undefined,
};
const range = { start: base + 1n, end: base + BigInt(3 * HOUR) + 1n };
for (const [step, ...names] of [[300e9], [300e9, 'level'], [300e9, 'app', 'level'], [300e9, 'pod'], [HOUR, 'pod']]) {
  const ends = { start: base, end: base + BigInt(3 * HOUR), stepNs: step, rangeNs: step, offsetNs: 0 };
  const scan = { range, predicates: [], order: 'any', projections: names.map((name) => ({ type: 'ambiguous', name })) };
  const count = () => {
    const grid = new PaneGrid(ends);
    const asked = { scan, pointers, streams, wanted: new Uint8Array(STREAMS).fill(1), copies: new OlderCopies(), grid };
    const table = countsFor(scan, pointers, grid);
    return countBins(asked, table, tables[table]);
  };
  show(`count by (${names.join(', ')}) every ${step / 60e9} min: ${count().batch.rows} rows out`, count);
}

const key = (id) => JSON.stringify(labels(id));
const ids = Int32Array.from({ length: STREAMS }, (_, id) => id);
const targets = Array.from({ length: 100 }, (_, i) => ({
  ...{ other: { location: `o${i}`, section: 0 }, origin: `o${i}`, base: base + BigInt(i * HOUR), ids, key },
  ...{ minTime: new Float64Array(STREAMS), maxTime: new Float64Array(STREAMS).fill(HOUR), table: { count: STREAMS } },
}));
show('overlaps of 100 sections that follow each other', () => findOverlaps(targets), 100 * ROWS);
