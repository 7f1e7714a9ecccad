/**
 * What it costs to bring the metadata of rows through two tasks: as lists of pairs, and as one text for the set of each row.
 *
 *   npm run build && node bench/micro/labels.mjs [rounds]
 *
 * 1,000 rows of 12 pairs, one of which is different in every row. Fails where lists are not at least twice as quick. Times are CPU
 * time of the fastest round.
 */
import { labelsAt, PairCopier, PairLists, pairsOf, pairText } from '../../dist/execution/batch/pair-lists.js';
import { decodeFrame, encodeFrame } from '../../dist/wire/arrow-frame.js';
import { leastCpuMs } from '../cpu.mjs';

const rounds = Number(process.argv[2] ?? 15);
const [ROWS, CALLS] = [1000, 20];
const COMMON = Array.from({ length: 11 }, (_, i) => pairText(`attribute_${i}`, `a value of attribute ${i}`));
const OWN = Array.from({ length: ROWS }, (_, row) => pairText('trace_id', `4f87b70e3f94de5d6039ed03${row + 10000000}`));

const cost = (work) => leastCpuMs(work, { rounds, calls: CALLS });

function sent(column) {
  const frame = { kind: 'rows', rows: ROWS, attributes: {}, columns: [{ name: 'metadata', ...column }] };
  return decodeFrame(encodeFrame(frame)).columns[0];
}

function asPairs() {
  const first = new PairLists(ROWS);
  const common = COMMON.map((text) => first.number(text));
  for (let row = 0; row < ROWS; row++) {
    for (const number of common) first.add(number);
    first.add(first.number(OWN[row]));
    first.endRow();
  }
  const second = new PairLists(ROWS);
  const copier = new PairCopier(sent({ type: 'list', ...first.finish() }), second);
  for (let row = 0; row < ROWS; row++) copier.copy(row);
  const column = sent({ type: 'list', ...second.finish() });
  const pairs = pairsOf(column);
  return Array.from({ length: ROWS }, (_, row) => labelsAt(column, pairs, row));
}

function interned(texts) {
  const numbers = new Map();
  const values = [];
  const ids = Int32Array.from(texts, (text) => {
    if (!numbers.has(text)) numbers.set(text, values.push(text) - 1);
    return numbers.get(text);
  });
  return { type: 'dictionary', ids, values };
}

function asSets() {
  const texts = OWN.map((own) => {
    let key = '';
    for (const text of COMMON) key += `${text},`;
    return `[${key}${own}]`;
  });
  const first = sent(interned(texts));
  const second = sent(interned(Array.from(first.ids, (id) => first.values[id])));
  const sets = second.values.map((text) => JSON.parse(text));
  return Array.from(second.ids, (id) => sets[id]);
}

if (JSON.stringify(asPairs()) !== JSON.stringify(asSets())) throw new Error('the two ways differ');
const pairs = cost(asPairs);
const sets = cost(asSets);
console.log(
  `${ROWS} rows as pairs ${pairs.toFixed(2)} ms, as sets ${sets.toFixed(2)} ms: ${(sets / pairs).toFixed(1)} x`,
);
if (sets < 2 * pairs) process.exitCode = 1;
