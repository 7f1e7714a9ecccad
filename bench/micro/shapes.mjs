/**
 * What the shapes of lines cost when a section is built, and what they save a condition on lines and a parser.
 *
 *   npm run build && node bench/micro/shapes.mjs [rounds]
 *
 * Made-up lines of eight statements, end to end as in a page. The ratio is what counts: CPU time of the search over lines by
 * that of judging the shapes and giving each row its verdict. Without decompression, which searching needs on top. Fails where
 * making shapes takes more than 1.6 times what zstd takes for the same lines: it is 1.2 to 1.4, and was 1.6 to 2.2 when JavaScript
 * numbered them.
 */

import { LogBatch } from '../../dist/execution/batch/log-batch.js';
import { LabelledStreams } from '../../dist/execution/batch/streams.js';
import { compileFunction } from '../../dist/execution/functions/compile.js';
import { compileLineMatcher } from '../../dist/execution/regex/compile.js';
import { compileJudge } from '../../dist/execution/shapes/judge.js';
import { RowShapes } from '../../dist/execution/shapes/row-shapes.js';
import { MESSAGE } from '../../dist/planning/physical/expression.js';
import { ShapeTable } from '../../dist/storage/dataobj/logs/shape-table.js';
import { compress } from '../../dist/storage/zstd.js';

const rounds = Number(process.argv[2] ?? 5);
const LINES = 200_000;
/** As a page has. */
const PACKED_BYTES = 1 << 18;

let seed = 7;
function below(n) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % n;
}
const pick = (...words) => words[below(words.length)];
const hex = (length) => Array.from({ length }, () => below(16).toString(16)).join('');

const durations = Float64Array.from({ length: LINES }, () => below(9999));
const lines = Array.from({ length: LINES }, (_, i) =>
  Buffer.from(
    `ts=2026-11-01T01:${i % 60}:${below(60)}.${below(1e6)}Z level=${pick('info', 'warn', 'debug', 'error')} ` +
      `caller=${pick('api', 'db')}.go:${below(999)} msg="${pick('request served', 'cache miss', 'connection refused')}" ` +
      `trace_id=${hex(32)} duration=${durations[i]}ms peer=10.0.${below(255)}.${below(255)}:${below(65536)}`,
  ),
);
const bytes = Buffer.concat(lines);
const offsets = new Int32Array(LINES + 1);
lines.forEach((line, i) => {
  offsets[i + 1] = offsets[i] + line.length;
});

/** CPU milliseconds of the fastest round. */
function best(work) {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    work();
    const spent = process.cpuUsage(before);
    least = Math.min(least, (spent.user + spent.system) / 1000);
  }
  return least;
}

let table;
const built = best(() => {
  table = new ShapeTable(LINES, 8);
  table.add(bytes, 0, offsets);
});
const mb = bytes.length / 1e6;
const packed = best(() => {
  for (let from = 0; from < bytes.length; from += PACKED_BYTES) compress(bytes.subarray(from, from + PACKED_BYTES), 1);
});
console.log(
  `${LINES} lines, ${mb.toFixed(0)} MB, ${table.known.count} shapes; made, with text filters, at ${((mb / built) * 1000).toFixed(0)} MB/s, zstd at ${((mb / packed) * 1000).toFixed(0)} MB/s\n`,
);
if (built > 1.6 * packed) process.exitCode = 1;

const shapes = {
  count: table.known.count,
  starts: table.known.starts.slice(),
  ends: table.known.starts.map((start, i) => start + table.known.lengths[i]),
  bytes: Buffer.from(table.known.bytes.slice()),
};
console.log(`| condition | lines, ms | shapes, ms | ratio | rows left open |\n| --- | ---: | ---: | ---: | ---: |`);
for (const pattern of [
  'error',
  '(?i)timeout|refused',
  '\\d+\\.\\d+\\.\\d+\\.\\d+',
  'level=(warn|error).*peer=',
  'duration=99',
]) {
  const matcher = compileLineMatcher(pattern);
  const keep = new Int32Array(LINES);
  const searched = best(() => matcher.match(offsets, bytes, null, LINES, keep));
  const literal = { kind: 'literal', type: 'string', value: pattern };
  let rows;
  const judged = best(() => {
    const judge = compileJudge([{ kind: 'compare', op: 'MATCH_RE', column: MESSAGE, literal }]);
    rows = new RowShapes(table.ids, judge(shapes));
  });
  const figures = [searched.toFixed(1), judged.toFixed(1), (searched / judged).toFixed(0), rows.open];
  console.log(`| ${[`\`${pattern.replaceAll('|', '\\|')}\``, ...figures].join(' | ')} |`);
}

/** `logfmt` over all lines, a page at a time, by their shapes if there are any and by columns of numbers, too. */
function parse(keys, withShapes, withNumbers) {
  const run = compileFunction(
    { kind: 'parse-logfmt', strict: false, keepEmpty: false, keys },
    { now: 0n, checkpoint: () => undefined },
  );
  const streams = new LabelledStreams([[]]);
  for (let from = 0; from < LINES; from += PAGE_ROWS) {
    const numbers = withNumbers ? [durations.subarray(from, from + PAGE_ROWS)] : undefined;
    const source = {
      message: () => {
        if (withNumbers) throw new Error('a line is read');
        return { offsets: offsets.subarray(from, from + PAGE_ROWS + 1), bytes };
      },
      shapes: () => (withShapes ? { ids: table.ids.subarray(from, from + PAGE_ROWS), shapes, numbers } : undefined),
      messageLengths: () => undefined,
      metadataKeys: () => [],
      metadata: () => undefined,
    };
    run(new LogBatch(0n, new Float64Array(PAGE_ROWS), streams, new Int32Array(PAGE_ROWS), source));
  }
}

const PAGE_ROWS = 1000;
console.log('\n| logfmt for | lines, ms | shapes, ms | ratio |\n| --- | ---: | ---: | ---: |');
for (const keys of [['level'], ['caller'], ['duration'], ['level', 'msg', 'duration']]) {
  const byLine = best(() => parse(keys, false));
  const byShape = best(() => parse(keys, true));
  console.log(`| ${keys} | ${byLine.toFixed(1)} | ${byShape.toFixed(1)} | ${(byLine / byShape).toFixed(1)} |`);
}

const byLine = best(() => parse(['duration'], false));
const byNumber = best(() => parse(['duration'], true, true));
console.log('\n| logfmt for | lines, ms | numbers, ms | ratio |\n| --- | ---: | ---: | ---: |');
console.log(`| duration | ${byLine.toFixed(1)} | ${byNumber.toFixed(1)} | ${(byLine / byNumber).toFixed(1)} |`);
