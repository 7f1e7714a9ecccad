/**
 * What it costs to read few rows of a page, as queries for the newest rows do, against all of them.
 *
 *   npm run build && node bench/micro/rows.mjs [rounds]
 *
 * The levels and dictionary indices of 1,000 rows, of which every other one has a value. Times are CPU time of the fastest round.
 */
import { decodeHybrid, encodeHybrid, hybridBytesMax } from '../../dist/storage/dataobj/parquet/hybrid.js';
import { decodeHybridAt, decodeRanksAt } from '../../dist/storage/dataobj/parquet/hybrid-at.js';
import { cursor } from '../../dist/storage/dataobj/parquet/varint.js';

const rounds = Number(process.argv[2] ?? 15);
const [ROWS, PAGES, WIDTH] = [1000, 5000, 5];

let seed = 7;
function below(n) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % n;
}

function encoded(values, width) {
  const out = new Uint8Array(hybridBytesMax(values.length, width));
  return out.subarray(0, encodeHybrid(values, 0, values.length, width, out, 0));
}

/** CPU microseconds a page. */
function best(work) {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let page = 0; page < PAGES; page++) work();
    const spent = process.cpuUsage(before);
    least = Math.min(least, (spent.user + spent.system) / PAGES);
  }
  return least;
}

const levels = encoded(
  Int32Array.from({ length: ROWS }, () => below(2)),
  1,
);
const ranks = new Int32Array(ROWS);
const present = decodeRanksAt(
  cursor(levels),
  ROWS,
  Int32Array.from({ length: ROWS }, (_, row) => row),
  ranks,
);
const indices = encoded(
  Int32Array.from({ length: present }, () => below(1 << WIDTH)),
  WIDTH,
);
const all = best(() => {
  decodeHybrid(cursor(levels), 1, ROWS, 2, ranks);
  decodeHybrid(cursor(indices), WIDTH, present, 1 << WIDTH, new Int32Array(present));
});
console.log(`all rows of a page ${all.toFixed(2).padStart(20)} us`);
for (const count of [2, 20, 200]) {
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * ROWS) / count));
  const out = new Int32Array(count);
  const few = best(() => {
    decodeRanksAt(cursor(levels), ROWS, rows, out);
    const found = out.filter((rank) => rank >= 0);
    decodeHybridAt(cursor(indices), WIDTH, present, 1 << WIDTH, found, new Int32Array(found.length));
  });
  console.log(
    `${String(count).padStart(3)} rows ${few.toFixed(2).padStart(30)} us ${(all / few).toFixed(1).padStart(6)} x`,
  );
}
