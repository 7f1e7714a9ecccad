/**
 * What a data object costs to build, to keep, to open, to scan, and what its filters save.
 *
 *   npm run build && node bench/micro/dataobj.mjs [spool] [rounds]
 *
 * A spool is a sequence of [u32 little-endian length][snappy block of a logproto.PushRequest], gzipped or not; without one,
 * traffic is made up. All of it becomes one object. Times are CPU time of the fastest round; MB are raw bytes: lines, or lines and metadata where said.
 * Decompressing the same pages with zstd, and nothing else, is given beside the scans: no reader of them can be faster.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePush, PushMemory } from '../../dist/actors/distributor/decode-push.js';
import { bucketReader } from '../../dist/storage/bucket/bucket.js';
import { FilesystemBucket } from '../../dist/storage/bucket/filesystem-node.js';
import { describeObject } from '../../dist/storage/dataobj/describe.js';
import { buildLogsObject } from '../../dist/storage/dataobj/logs/builder.js';
import { addTextGrams, takeTextFilter } from '../../dist/storage/dataobj/logs/shape.js';
import { openObject } from '../../dist/storage/dataobj/object.js';
import { PageCache } from '../../dist/storage/dataobj/page-cache.js';
import { readPage } from '../../dist/storage/dataobj/parquet/page.js';
import { DEFAULT_BUILD_SETTINGS } from '../../dist/storage/dataobj/types.js';
import { parseLabelText } from '../../dist/wire/label-text.js';
import { DEFAULT_LIMITS } from '../../dist/wire/limits.js';
import { readTraffic } from '../spool.mjs';

const [path, roundsText] = process.argv.slice(2);
const rounds = Number(roundsText ?? 7);
/** After all times of the recorded traffic. */
const NOW = 1_893_456_000_000_000_000n;

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

const show = (what, ms, bytes) =>
  console.log(`${what.padEnd(44)} ${ms.toFixed(1).padStart(8)} ms ${(bytes / 1000 / ms).toFixed(0).padStart(6)} MB/s`);
const percent = (part, whole) => `${((100 * part) / whole).toFixed(2)} %`;

function loadInput() {
  const limits = { ...DEFAULT_LIMITS, reject_old_samples: false, creation_grace_period_ms: 1e12 };
  const memory = new PushMemory(1 << 30);
  const batches = [];
  const numbers = new Map();
  const streams = [];
  const runs = [];
  for (const body of readTraffic(path)) {
    const push = decodePush({ tenant: 'bench', contentType: 'application/x-protobuf', body }, limits, NOW, memory);
    if (push.batch === null) throw new Error(push.rejected?.message ?? 'a request without entries');
    push.batch.streams.forEach((text, s) => {
      if (!numbers.has(text)) numbers.set(text, streams.push({ labels: parseLabelText(text) }) - 1);
      const from = s === 0 ? 0 : push.batch.streamEnds[s - 1];
      runs.push(batches.length, from, push.batch.streamEnds[s], numbers.get(text));
    });
    batches.push(push.batch);
  }
  const times = batches.flatMap((batch) => [...batch.times]).sort((a, b) => (a < b ? -1 : 1));
  return {
    tenant: 'bench',
    batches,
    streams,
    runs: Int32Array.from(runs),
    window: { start: times[0], end: times.at(-1) + 1n },
    source: { writer: 'bench', fromSeq: 1, toSeq: batches.length },
  };
}

const input = loadInput();
let built;
const buildMs = best(() => {
  built = buildLogsObject(input, DEFAULT_BUILD_SETTINGS);
});
const { bytes: stored, summary } = built;
const messageBytes = summary.sections.reduce((sum, section) => sum + section.bytes, 0);
const reader = { size: stored.length, read: async (offset, length) => stored.subarray(offset, offset + length) };
const object = await openObject(reader, 'bench.dataobj');
console.log(
  `${summary.rows} rows of ${summary.streams} streams, ${messageBytes} B of lines, ${summary.rawBytes} B with metadata\n`,
);

console.log('build, one thread');
show('lines and metadata', buildMs, summary.rawBytes);
show('lines', buildMs, messageBytes);

const sections = await Promise.all(summary.sections.map(({ index }) => object.section(index)));
const pages = [];
for (const section of sections) {
  const all = [...section.pointers.pages.rows.keys()];
  const names = section.pointers.columns.map(({ name }) => name);
  const fetched = await section.fetch(names, all);
  for (const page of all) pages.push({ section, fetched, page, rows: section.pointers.pages.rows[page] });
}
const messages = pages.map(({ fetched, page }) => fetched.messages(page));
const texts = messages.map(({ bytes }) => bytes);
show(
  'of it the text filters',
  best(() => {
    for (const text of texts) {
      addTextGrams(text);
      takeTextFilter(1 << 15);
    }
  }),
  messageBytes,
);

console.log('\nscan, one thread, bytes in memory');
const messageFacts = [];
for (const section of sections) {
  const column = section.pointers.column('message');
  const { offset } = object.entries.logs[section.section];
  for (let page = 0; page < column.pageOffsets.length; page++) {
    const facts = column.facts(page);
    const from = offset + column.pageOffsets[page];
    messageFacts.push({ facts, stored: stored.subarray(from, from + facts.storedBytes) });
  }
}
show(
  'zstd and checksum alone',
  best(() => messageFacts.forEach((one) => void readPage(one.stored, one.facts))),
  messageBytes,
);
show(
  'messages',
  best(() => pages.forEach(({ fetched, page }) => void fetched.messages(page))),
  messageBytes,
);
const needle = Buffer.from('no such text');
show(
  'messages, and a search for absent text',
  best(() => {
    for (const { fetched, page } of pages) {
      if (fetched.messages(page).bytes.indexOf(needle) >= 0) throw new Error('found what is not there');
    }
  }),
  messageBytes,
);
const times = new Float64Array(1 << 20);
const timesMs = best(() => pages.forEach(({ fetched, page }) => void fetched.timestamps(page, times)));
console.log(
  `${'timestamps'.padEnd(44)} ${timesMs.toFixed(1).padStart(8)} ms ${(summary.rows / 1000 / timesMs).toFixed(1).padStart(6)} M/s`,
);
const keys = sections.map(({ pointers }) =>
  pointers.columns.filter(({ name }) => name.startsWith('metadata.')).map(({ name }) => name.slice(9)),
);
show(
  'all metadata columns, as values',
  best(() => {
    for (const { section, fetched, page } of pages)
      for (const key of keys[section.section]) fetched.metadata(key, page);
  }),
  summary.rawBytes - messageBytes,
);

console.log('\nopen');
const folder = mkdtempSync(join(tmpdir(), 'skald-bench-'));
const bucket = new FilesystemBucket(folder);
await bucket.upload('bench.dataobj', stored);
const open = async (from) => {
  const opened = await openObject(from, 'bench.dataobj');
  await opened.streams();
  for (let s = 0; s < opened.sections; s++) await opened.section(s);
};
for (const [what, from] of [
  ['memory', reader],
  ['file', bucketReader(bucket, 'bench.dataobj', stored.length)],
]) {
  let least = Infinity;
  for (let round = 0; round < rounds * 4; round++) {
    const start = performance.now();
    await open(from);
    least = Math.min(least, performance.now() - start);
  }
  console.log(`${`object, streams and indexes, from ${what}`.padEnd(44)} ${least.toFixed(2).padStart(8)} ms`);
}

const PICKED_PAGES = 48;
console.log(`\ntwo rows out of each of ${Math.min(PICKED_PAGES, sections[0].pointers.pages.count)} pages, from a file`);
const readMs = await picked(undefined);
console.log(`${'pages read and unpacked'.padEnd(44)} ${readMs.toFixed(2).padStart(8)} ms`);
const keptMs = await picked(new PageCache(1 << 30));
console.log(
  `${'pages kept'.padEnd(44)} ${keptMs.toFixed(2).padStart(8)} ms ${(readMs / keptMs).toFixed(1).padStart(6)} x`,
);
rmSync(folder, { recursive: true });

/** CPU milliseconds of the fastest round, which finds what those before have kept. */
async function picked(cache) {
  const opened = await openObject(bucketReader(bucket, 'bench.dataobj', stored.length), 'bench.dataobj', cache);
  const section = await opened.section(0);
  const { columns, pages: index } = section.pointers;
  const chosen = [...index.rows.keys()].slice(0, PICKED_PAGES);
  const names = columns.map(({ name }) => name).filter((name) => /^(timestamp|message|metadata\..*)$/.test(name));
  let least = Infinity;
  for (let round = 0; round < rounds * 4; round++) {
    const before = process.cpuUsage();
    const fetched = await section.fetch(names, chosen);
    for (const page of chosen) {
      fetched.keep(page);
      fetched.timestamps(page, times.subarray(0, index.rows[page]));
      const { bytes, offsets, release } = fetched.messages(page);
      bytes.utf8Slice(offsets[0], offsets[1]);
      for (const key of keys[0]) fetched.metadataAt(key, page, Int32Array.of(0, index.rows[page] - 1));
      release?.();
    }
    const spent = process.cpuUsage(before);
    least = Math.min(least, (spent.user + spent.system) / 1000);
  }
  return least;
}

const description = await describeObject(object);
console.log(`\nsize: ${stored.length} B, ${(summary.rawBytes / stored.length).toFixed(2)} raw bytes per stored byte`);
const part = (name, size, detail) =>
  console.log(
    `  ${name.padEnd(42)} ${String(size).padStart(9)} B ${percent(size, stored.length).padStart(8)}  ${detail}`,
  );
const byColumn = new Map();
for (const section of description.sections) {
  for (const { name, storedBytes, rawBytes, encoding } of section.columns) {
    const known = byColumn.get(name) ?? { storedBytes: 0, rawBytes: 0, encodings: new Set() };
    byColumn.set(name, {
      storedBytes: known.storedBytes + storedBytes,
      rawBytes: known.rawBytes + rawBytes,
      encodings: known.encodings.add(encoding),
    });
  }
}
const sorted = [...byColumn].sort(([, a], [, b]) => b.storedBytes - a.storedBytes);
for (const [name, { storedBytes, rawBytes, encodings }] of sorted.slice(0, 12))
  part(name, storedBytes, `${[...encodings]} ${(rawBytes / storedBytes).toFixed(2)}x`);
part(
  `${sorted.length - 12} more columns`,
  sorted.slice(12).reduce((sum, [, column]) => sum + column.storedBytes, 0),
  '',
);
const total = (of) => description.sections.reduce((sum, section) => sum + of(section), 0);
part(
  'text filters',
  total((section) => section.textFilterBytes),
  '',
);
part(
  'value filters',
  total((section) => section.valueFilterBytes),
  '',
);
part(
  'rest of the indexes',
  total((section) => section.pointersBytes - section.textFilterBytes - section.valueFilterBytes),
  '',
);
part('streams', description.streamsBytes, '');

console.log(`\npruning: pages without the needle that its filter admits, of ${pages.length}`);
let seed = 1;
const below = (n) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
};
const draw = (letters, length) => Array.from({ length }, () => letters[below(letters.length)]).join('');
const hex = (length) => draw('0123456789abcdef', length);
const WORDS = [
  'panic',
  'OOMKilled',
  'deadlock',
  'segfault',
  'corrupt',
  'watchdog',
  'rollback',
  'certificate',
  'quarantine',
  'NullPointerException',
  'disk quota',
];
const substring = (length) => () => {
  for (;;) {
    const line = lineOf(messages[below(messages.length)]);
    if (line.length >= length) return Buffer.from(line.subarray(below(line.length - length + 1)).subarray(0, length));
  }
};
const lineOf = ({ bytes, offsets }) => {
  const row = below(offsets.length - 1);
  return bytes.subarray(offsets[row], offsets[row + 1]);
};
/** Whether a line of a page has it: filters know nothing of what would span two lines. */
const isInLine = ({ bytes, offsets }, text) => {
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1))
    if (offsets.findLast((offset) => offset <= at) === offsets.findLast((offset) => offset < at + text.length))
      return true;
  return false;
};
await prune(
  'substrings of lines',
  [4, 6, 8, 12, 16, 32].map((n) => [`${n} B`, substring(n)]),
);
await prune(
  'absent hex ids',
  [6, 8, 12, 16, 32].map((n) => [`${n} B`, () => Buffer.from(hex(n))]),
);
await prune(
  'absent decimal ids',
  [6, 9, 12, 16].map((n) => [`${n} B`, () => Buffer.from(draw('0123456789', n))]),
);
await prune(
  'absent words of letters',
  [4, 5, 6, 8, 12].map((n) => [`${n} B`, () => Buffer.from(draw('etaoinshrdlucmfwyp', n))]),
);
await prune('absent others', [
  ['UUID', () => Buffer.from([8, 4, 4, 4, 12].map(hex).join('-'))],
  ['IPv4', () => Buffer.from([0, 0, 0, 0].map(() => below(256)).join('.'))],
  ['rare words', () => Buffer.from(WORDS[below(WORDS.length)])],
]);

async function prune(what, kinds) {
  const shares = [];
  for (const [label, make] of kinds) {
    let admitted = 0;
    let without = 0;
    for (let n = 0; n < 60; n++) {
      const text = make();
      let at = 0;
      for (const section of sections) {
        const bits = new Uint8Array(section.pointers.pages.count).fill(0xff);
        await section.pointers.textCandidates(text, bits);
        for (let page = 0; page < section.pointers.pages.count; page++, at++) {
          const has = texts[at].includes(text) && isInLine(messages[at], text);
          const kept = (bits[page >> 3] & (1 << (page & 7))) !== 0;
          if (has && !kept) throw new Error('a filter denied what its page has');
          if (!has) without++;
          if (!has && kept) admitted++;
        }
      }
    }
    shares.push(`${label} ${percent(admitted, without)}`);
  }
  console.log(`  ${what.padEnd(26)} ${shares.join('   ')}`);
}
