/**
 * What is touched and not what is stored: one stream looked up in a section's index, beside all of its streams; and a condition on
 * the values that a page's rows have, beside all that the section's dictionary holds.
 *
 *   npm run build && node bench/micro/lookup.mjs [rounds]
 *
 * A section of 400 pages with 240 streams and 12 runs a page; a dictionary of 40,000 ids, of which 1,000 rows have one each. Fails
 * where the former takes more than a tenth of the latter, and more than a quarter. Times are CPU time of the fastest round.
 */
import { PerValue } from '../../dist/execution/batch/column.js';
import { pagesOfStreams, sumRuns } from '../../dist/storage/metastore/section-runs.js';
import { leastCpuMs } from '../cpu.mjs';

const rounds = Number(process.argv[2] ?? 15);
const [PAGES, STREAMS, RUNS_A_PAGE] = [400, 240, 12];
const RUNS = PAGES * RUNS_A_PAGE;

const numbers = (count, of) => Float64Array.from({ length: count }, (_, i) => of(i));
const pointers = {
  base: 0n,
  pages: { count: PAGES, minTime: numbers(PAGES, (p) => p * 100), maxTime: numbers(PAGES, (p) => p * 100 + 150) },
  runs: {
    starts: Int32Array.from({ length: PAGES + 1 }, (_, p) => p * RUNS_A_PAGE),
    stream: Int32Array.from({ length: RUNS }, (_, run) => (run * 7) % STREAMS),
    rows: new Int32Array(RUNS).fill(80),
    messageBytes: new Int32Array(RUNS).fill(12_000),
    minTime: numbers(RUNS, (run) => Math.floor(run / RUNS_A_PAGE) * 100),
    maxTime: numbers(RUNS, (run) => Math.floor(run / RUNS_A_PAGE) * 100 + 150),
  },
};
const range = { start: 50n, end: 39_000n };

function lookUp(ids) {
  const asked = { ids, of: STREAMS };
  return sumRuns(pointers, pagesOfStreams(pointers, asked, range).pages, asked, range).rows;
}

const ALL = Int32Array.from({ length: STREAMS }, (_, id) => id);
const one = leastCpuMs(() => lookUp(Int32Array.of(17)), { rounds, calls: 2000 });
const all = leastCpuMs(() => lookUp(ALL), { rounds, calls: 200 });
console.log(
  `one stream ${(one * 1000).toFixed(1)} us, all ${(all * 1000).toFixed(1)} us: ${(all / one).toFixed(0)} times`,
);

const values = Array.from({ length: 40_000 }, (_, i) => (i * 2_654_435_761).toString(16).padStart(32, '0'));
const ids = Int32Array.from({ length: 1000 }, (_, i) => (i * 37) % values.length);
const wanted = values[740].slice();
function judge(asked) {
  const verdicts = new PerValue((text) => text === wanted).of(values);
  let found = 0;
  for (let i = 0; i < asked.length; i++) if (verdicts.get(asked[i])) found++;
  return found;
}
if (judge(ids) !== 1) throw new Error('it finds something else');
const everyId = Int32Array.from(values, (_, id) => id);
const ofRows = leastCpuMs(() => judge(ids), { rounds, calls: 100 });
const ofSection = leastCpuMs(() => judge(everyId), { rounds, calls: 10 });
console.log(
  `values of a page ${(ofRows * 1000).toFixed(0)} us, of its section ${(ofSection * 1000).toFixed(0)} us: ${(ofSection / ofRows).toFixed(0)} times`,
);
if (all < 10 * one || ofSection < 4 * ofRows) process.exitCode = 1;
