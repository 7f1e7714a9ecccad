/**
 * What the 99th percentile of one window costs: by selecting its two ranks, and by sorting.
 *
 *   npm run build && node bench/micro/quantile.mjs [rounds]
 *
 * 27,000 samples, sizes as they are in lines of a web server. Fails where selecting is not at least twice as quick. Times are CPU time of the
 * fastest round.
 */
import { quantile } from '../../dist/execution/aggregate/operations/quantile.js';
import { leastCpuMs } from '../cpu.mjs';

const rounds = Number(process.argv[2] ?? 15);
const [SAMPLES, CALLS] = [27_000, 10];
const values = Float64Array.from({ length: SAMPLES }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 0) % 10_000);

const cost = (work) => leastCpuMs(work, { rounds, calls: CALLS });

const selected = cost(() => quantile.over(values, 0.99).evaluate(0, SAMPLES));
const sorted = cost(() => values.slice().sort());
const times = sorted / selected;
console.log(`sorted    ${sorted.toFixed(2)} ms`);
console.log(`selected  ${selected.toFixed(2)} ms  ${times.toFixed(1)} x`);
if (times < 2) process.exitCode = 1;
