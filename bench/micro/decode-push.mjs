/**
 * How fast one core turns push requests into entries batches, and where the time goes.
 *
 *   npm run build && node bench/micro/decode-push.mjs [spool] [rounds]
 *
 * A spool is a sequence of [u32 little-endian length][snappy block of a logproto.PushRequest]; without one, traffic is made up. It is decoded as it is,
 * without its structured metadata (so that every line is searched for its level), and as JSON.
 * MB are those of lines and metadata, as the rate limit counts them.
 */
import { snappyCompressor } from 'hysnappy';
import { decodePush, PushMemory } from '../../dist/actors/distributor/decode-push.js';
import { LevelDetector } from '../../dist/actors/distributor/level.js';
import { PushRequestReader } from '../../dist/actors/distributor/protobuf.js';
import { SnappyDecoder } from '../../dist/actors/distributor/snappy.js';
import { DistinctPairs } from '../../dist/wire/distinct-pairs.js';
import { DEFAULT_LIMITS } from '../../dist/wire/limits.js';
import { readTraffic } from '../spool.mjs';

const [path, roundsText] = process.argv.slice(2);
const rounds = Number(roundsText ?? 5);
const limits = { ...DEFAULT_LIMITS, reject_old_samples: false, creation_grace_period_ms: 1e12 };
const now = 1_793_491_200_000_000_000n;
const MAX_BYTES = 1 << 30;

const requests = readTraffic(path);

const snappy = new SnappyDecoder();
const raw = requests.map((request) => snappy.decode(request, MAX_BYTES).slice());
const protobuf = new PushRequestReader();

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

const show = (what, ms, bytes, lines) =>
  console.log(
    `${what.padEnd(34)} ${ms.toFixed(1).padStart(8)} ms ${(bytes / 1000 / ms).toFixed(0).padStart(6)} MB/s ` +
      `${((ms * 1e6) / lines).toFixed(0).padStart(6)} ns/line`,
  );

function decode(body, contentType, memory) {
  const push = decodePush({ tenant: 'bench', contentType, body, format: 'loki' }, limits, now, memory);
  if (push.rejected !== null) throw new Error(push.rejected.message);
  return push;
}

function bench(name, contentType, bodies) {
  const memory = new PushMemory(MAX_BYTES);
  const seal = memory.builder.seal.bind(memory.builder);
  let sealMs = 0;
  let bytes = 0;
  let lines = 0;
  const batches = [];
  const run = (keep) => {
    sealMs = 0;
    bytes = 0;
    lines = 0;
    for (const body of bodies) {
      const push = decode(body, contentType, memory);
      bytes += push.acceptedBytes;
      lines += push.acceptedLines;
      if (keep) batches.push(push.batch);
    }
  };
  const total = best(() => run(false));
  memory.builder.seal = (tenant, shared) => {
    const start = process.hrtime.bigint();
    const batch = seal(tenant, shared);
    sealMs += Number(process.hrtime.bigint() - start) / 1e6;
    return batch;
  };
  run(true);
  show(`${name}: whole`, total, bytes, lines);
  show(`${name}:   of it seal`, sealMs, bytes, lines);
  const levels = new LevelDetector(limits.log_level_fields, limits.log_level_from_json_max_depth);
  const messages = batches.reduce((sum, batch) => sum + batch.messages.length, 0);
  const levelMs = best(() => {
    for (const batch of batches) {
      const { messages, messageOffsets } = batch;
      for (let i = 0; i < batch.rows; i++) levels.detect(messages, messageOffsets[i], messageOffsets[i + 1]);
    }
  });
  show(`${name}:   levels of all lines`, levelMs, messages, lines);
  return { ms: total, bytes, lines, batches };
}

const nothing = { open() {}, beginStream() {}, pair() {}, entry() {}, endStream() {} };
const full = bench('protobuf', 'application/x-protobuf', requests);
show(
  'protobuf:   of it snappy',
  best(() => {
    for (const request of requests) snappy.decode(request, MAX_BYTES);
  }),
  full.bytes,
  full.lines,
);
show(
  'protobuf:   of it walking',
  best(() => {
    for (const bytes of raw) protobuf.read(bytes, nothing);
  }),
  full.bytes,
  full.lines,
);

const oneByOne = new PushMemory(MAX_BYTES, false);
const slowMs = best(() => {
  for (const body of requests) decode(body, 'application/x-protobuf', oneByOne);
});
show('protobuf: entries one by one', slowMs, full.bytes, full.lines);
console.log(`protobuf: entries in WebAssembly take ${(full.ms / slowMs).toFixed(2)} of that`);

/** Nanoseconds that the pairs of all requests take in the fastest round. */
function distinctNs(memory, find) {
  let least = Infinity;
  for (let round = 0; round < 2 * rounds; round++) {
    let spent = 0;
    for (const body of requests) {
      decode(body, 'application/x-protobuf', memory);
      const start = process.hrtime.bigint();
      find(memory);
      spent += Number(process.hrtime.bigint() - start);
    }
    least = Math.min(least, spent);
  }
  return least;
}

const pairs = new DistinctPairs();
const elsewhere = distinctNs(new PushMemory(MAX_BYTES), ({ builder }) =>
  pairs.read({ ...builder, metadata: builder.metadata.bytes }),
);
const there = distinctNs(new PushMemory(MAX_BYTES), ({ builder, plain }) => plain.distinct(builder));
console.log(`protobuf: equal pairs found where they were read take ${(there / elsewhere).toFixed(2)} of the time`);

const compress = snappyCompressor();
bench(
  'bare protobuf',
  'application/x-protobuf',
  full.batches.map((batch) => Buffer.from(compress(encodeBare(batch)))),
);
bench(
  'json',
  'application/json',
  full.batches.map((batch) => Buffer.from(encodeJson(batch))),
);

/** The batch as a PushRequest without structured metadata. */
function encodeBare(batch) {
  const streams = batch.streams.map((labels, s) => {
    const entries = rowsOf(batch, s).map((row) => {
      const time = batch.times[row];
      const stamp = Buffer.concat([
        Buffer.of(8),
        varint(time / 1000000000n),
        Buffer.of(16),
        varint(time % 1000000000n),
      ]);
      return field(2, Buffer.concat([field(1, stamp), field(2, line(batch, row))]));
    });
    return field(1, Buffer.concat([field(1, Buffer.from(labels)), ...entries]));
  });
  return Buffer.concat(streams);
}

function encodeJson(batch) {
  const text = Buffer.from(batch.metadata);
  const streams = batch.streams.map((labels, s) => ({
    stream: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
    values: rowsOf(batch, s).map((row) => {
      const pairs = {};
      for (let p = batch.pairStarts[row]; p < batch.pairStarts[row + 1]; p++) {
        pairs[batch.keys[batch.pairKeys[p]]] = text.toString('utf8', batch.pairOffsets[p], batch.pairOffsets[p + 1]);
      }
      return [batch.times[row].toString(), line(batch, row).toString(), pairs];
    }),
  }));
  return JSON.stringify({ streams });
}

function rowsOf(batch, s) {
  const first = s === 0 ? 0 : batch.streamEnds[s - 1];
  return Array.from({ length: batch.streamEnds[s] - first }, (_, i) => first + i);
}

function line(batch, row) {
  return Buffer.from(batch.messages.subarray(batch.messageOffsets[row], batch.messageOffsets[row + 1]));
}

function field(number, bytes) {
  return Buffer.concat([Buffer.of((number << 3) | 2), varint(BigInt(bytes.length)), bytes]);
}

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return Buffer.of(...bytes, Number(rest));
    bytes.push(Number(rest & 127n) | 128);
  }
}
