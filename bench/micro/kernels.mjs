/**
 * How fast one core searches lines and extracts labels from them.
 *
 *   npm run build && node bench/micro/kernels.mjs [rounds]
 *
 * Made-up lines, about 200 bytes each, laid end to end as in a page. MB are bytes of lines, best round of several.
 */
import { JsonParser } from '../../dist/execution/extract/json.js';
import { JsonExpressionParser } from '../../dist/execution/extract/json-expressions.js';
import { LogfmtParser } from '../../dist/execution/extract/logfmt.js';
import { PatternParser } from '../../dist/execution/extract/pattern.js';
import { RegexpParser } from '../../dist/execution/extract/regexp.js';
import { IgnoreCaseMatcher } from '../../dist/execution/kernels/ignore-case.js';
import { ByteFinder, SubstringMatcher } from '../../dist/execution/kernels/substring-matcher.js';
import { compileLineMatcher } from '../../dist/execution/regex/compile.js';

const rounds = Number(process.argv[2] ?? 7);
const LINES = 50_000;

let seed = 7;
function below(n) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % n;
}
const pick = (...words) => words[below(words.length)];

function layOut(line) {
  const lines = Array.from({ length: LINES }, (_, i) => Buffer.from(line(i)));
  const offsets = new Int32Array(LINES + 1);
  lines.forEach((text, i) => {
    offsets[i + 1] = offsets[i] + text.length;
  });
  return { offsets, bytes: Buffer.concat(lines) };
}

const logfmt = layOut(
  (i) =>
    `ts=2026-11-01T01:59:${i % 60}.706Z level=${pick('info', 'warn', 'error', 'debug')} caller=db.go:${below(999)} ` +
    `msg="request ${i} handled by the backend" duration=${below(9999) / 7}ms status=${200 + below(5) * 75} ` +
    `path=/api/v1/orders/${below(100003)} ip=10.0.${below(255)}.${below(255)}`,
);
const json = layOut((i) =>
  JSON.stringify({
    ts: `2026-11-01T01:58:${i % 60}.337Z`,
    level: pick('info', 'warn', 'error'),
    msg: pick('cache miss', 'slow query', 'timeout exceeded'),
    path: '/api/v1/users',
    status: 200 + below(300),
    duration_ms: below(100000) / 1000,
    user: { id: below(100), name: 'alice', roles: ['admin', 'dev'] },
    'http.host': 'b.example.com',
    ok: true,
    trace_id: below(2 ** 24).toString(16),
  }),
);

/** Counts what it is given; wants all names or some. */
class CountingSink {
  names = [];
  bytesSeen = 0;
  missing = 0;
  constructor(wanted) {
    this.wanted = wanted;
  }
  column(name) {
    return this.wanted && !this.wanted.includes(name) ? -1 : this.names.push(name) - 1;
  }
  enters() {
    return true;
  }
  bytes(_column, _source, start, end) {
    this.bytesSeen += end - start;
    this.missing -= 1;
  }
  text(_column, value) {
    this.bytesSeen += value.length;
    this.missing -= 1;
  }
  error() {
    this.bytesSeen += 1;
  }
  done() {
    return this.missing === 0;
  }
}

function measure(name, { bytes }, work) {
  let best = Infinity;
  let answer = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    answer = work();
    best = Math.min(best, performance.now() - start);
  }
  const rate = (bytes.length / 1e3 / best).toFixed(0).padStart(7);
  const perLine = ((best * 1e6) / LINES).toFixed(0).padStart(6);
  console.log(`${name.padEnd(60)}${rate} MB/s ${perLine} ns/line  ${answer}`);
}

const keep = new Int32Array(LINES);
for (const needle of ['not there at all', 'request 4711 ', 'status=500', 'backend']) {
  const matcher = new SubstringMatcher(new ByteFinder(Buffer.from(needle)));
  measure(`|= "${needle}"`, logfmt, () => matcher.match(logfmt.offsets, logfmt.bytes, null, LINES, keep));
}
for (const needle of ['timeout', 'error', 'backend']) {
  const matcher = new IgnoreCaseMatcher('contains', Buffer.from(needle));
  measure(`|~ "(?i)${needle}"`, logfmt, () => matcher.match(logfmt.offsets, logfmt.bytes, null, LINES, keep));
}
for (const pattern of [
  'error|failed|timeout',
  'level=error.*status=5\\d\\d',
  '\\d+\\.\\d+\\.\\d+\\.\\d+',
  '[a-f0-9]{32}',
  '(a+)+b',
  '.*zzq[0-9]+.*',
]) {
  const matcher = compileLineMatcher(pattern);
  measure(`|~ "${pattern}"`, logfmt, () => matcher.match(logfmt.offsets, logfmt.bytes, null, LINES, keep));
}

function extract(name, parser, lines, wanted) {
  const sink = new CountingSink(wanted);
  measure(`${name}${wanted ? ` (${wanted})` : ''}`, lines, () => {
    const before = sink.bytesSeen;
    for (let i = 0; i < LINES; i++) {
      sink.missing = wanted?.length ?? -1;
      parser.parse(lines.bytes, lines.offsets[i], lines.offsets[i + 1], sink);
    }
    return sink.bytesSeen - before;
  });
}
extract('json', new JsonParser(), json);
extract('json', new JsonParser(), json, ['level', 'status']);
extract('json', new JsonParser(), json, ['trace_id']);
extract('json a="user.name"', new JsonExpressionParser([{ name: 'a', expression: 'user.name' }]), json);
extract('logfmt', new LogfmtParser({ strict: false, keepEmpty: false }), logfmt);
extract('logfmt', new LogfmtParser({ strict: false, keepEmpty: false }), logfmt, ['level', 'status']);
extract('logfmt', new LogfmtParser({ strict: false, keepEmpty: false }), logfmt, ['ip']);
extract('pattern', new PatternParser('ts=<ts> level=<level> <_> duration=<duration> <_>'), logfmt);
extract('regexp', new RegexpParser('^ts=(?P<ts>\\S+) level=(?P<level>\\w+) .* status=(?P<status>\\d+)'), logfmt);
extract('regexp', new RegexpParser('duration=(?P<ms>[0-9.]+)ms'), logfmt);
