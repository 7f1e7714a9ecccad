/**
 * What it costs to find the streams that two objects share, of objects that have just been opened: by the text of their labels,
 * and by the numbers of their labels' values.
 *
 *   npm run build && node bench/micro/streams.mjs [rounds]
 *
 * 2,000 streams of ten labels in each, half of which are in both. Fails where numbers are not at least four times as quick. Times are
 * CPU time of the fastest round.
 */
import { sharedStreams } from '../../dist/actors/querier/shared-streams.js';
import { formatLabels } from '../../dist/wire/labels.js';
import { leastCpuMs } from '../cpu.mjs';

const rounds = Number(process.argv[2] ?? 15);
const STREAMS = 2000;
const NAMES = Array.from({ length: 10 }, (_, i) => `label_${i}`);

/** The values of a label are some 2, 3, 5, … 2,000. */
function tableFrom(first) {
  const columns = NAMES.map((name, i) => {
    const all = Array.from({ length: STREAMS }, (_, s) => `${name}-${(first + s) % (2 + i * i * 25)}`);
    const values = [...new Set(all)].sort();
    const numbers = new Map(values.map((value, number) => [value, number]));
    return { name, values, ids: Int32Array.from(all, (value) => numbers.get(value)) };
  });
  return { count: STREAMS, columns };
}

const fresh = (table) => ({ ...table });
const labelsOf = ({ columns }, stream) => columns.map(({ name, values, ids }) => [name, values[ids[stream]]]);

function byText(ours, theirs) {
  const numbers = new Map(Array.from({ length: STREAMS }, (_, s) => [formatLabels(labelsOf(theirs, s)), s]));
  return Int32Array.from({ length: STREAMS }, (_, s) => numbers.get(formatLabels(labelsOf(ours, s))) ?? -1);
}

const [ours, theirs] = [tableFrom(0), tableFrom(STREAMS / 2)];
const shared = (found) => found.filter((stream) => stream >= 0).length;
if (shared(byText(ours, theirs)) !== shared(sharedStreams(ours, theirs)))
  throw new Error('they find different streams');
const texts = leastCpuMs(() => byText(ours, theirs), { rounds, calls: 5 });
const numbers = leastCpuMs(() => sharedStreams(fresh(ours), fresh(theirs)), { rounds, calls: 5 });
console.log(
  `by text ${texts.toFixed(2)} ms, by number ${numbers.toFixed(2)} ms: ${(texts / numbers).toFixed(1)} times`,
);
if (texts < 4 * numbers) process.exitCode = 1;
