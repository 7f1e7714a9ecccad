#!/usr/bin/env node
// npm run bench -- [--sample FILE] [--copies N] [--labels N] [--clients N] [--json FILE] [--keep]
// Replays recorded push traffic several times over, as so many copies of its services, into a fresh server, with a WAL sync before
// every acknowledgement, then asks a set of queries; prints what both cost. See docs/benchmarks.md.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ask, QUERIES } from './queries.mjs';
import { folderBytes, startServer } from './server.mjs';
import { measure, readSpool, variant } from './spool.mjs';

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string', default: '../shared/data/push-sample.spool.gz' },
    copies: { type: 'string', default: '16' },
    labels: { type: 'string', default: '2' },
    clients: { type: 'string', default: '4' },
    runs: { type: 'string', default: '5' },
    json: { type: 'string' },
    keep: { type: 'boolean', default: false },
    'cpu-prof': { type: 'boolean', default: false },
  },
});
const SETTINGS = [
  'limits.reject_old_samples=false',
  'limits.ingestion_rate_mb=10000',
  'limits.ingestion_burst_size_mb=10000',
  'limits.per_stream_rate_limit=10GB',
  'limits.per_stream_rate_limit_burst=10GB',
  'limits.max_global_streams_per_user=0',
  'log.level=warn',
];
const MB = 1e6;
/** Between two copies with the same labels. */
const SHIFT_NS = 7_654_321_000;

function prepare() {
  if (!fs.existsSync(options.sample)) throw new Error(`no sample at ${options.sample}; give one with --sample`);
  const originals = readSpool(options.sample);
  const totals = originals
    .map(measure)
    .reduce((sum, one) => ({ lines: sum.lines + one.lines, bytes: sum.bytes + one.bytes }));
  const copies = Number(options.copies);
  const labels = Number(options.labels);
  const bodies = [];
  originals.forEach((body, i) => {
    if (i % 10 === 0) process.stderr.write(`\rpreparing ${copies} copies: ${i} of ${originals.length} requests `);
    // All copies of a request together: traffic arrives in the order of its times, or nearly so.
    for (let copy = 0; copy < copies; copy++) {
      const of = { copy: (copy % labels) + 1, shiftNs: Math.floor(copy / labels) * SHIFT_NS, turn: copy };
      bodies.push(variant(body, of));
    }
  });
  process.stderr.write('\r\x1b[K');
  return { bodies, lines: totals.lines * copies, bytes: totals.bytes * copies };
}

async function ingest(server, { bodies, lines, bytes }) {
  const cpuBefore = server.cpuSeconds();
  const before = performance.now();
  let next = 0;
  const client = async () => {
    while (next < bodies.length) {
      const body = bodies[next++];
      for (;;) {
        const response = await fetch(`${server.url}/loki/api/v1/push`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-protobuf' },
          body,
        });
        if (response.status === 204) break;
        const text = await response.text();
        if (response.status !== 429 && response.status !== 503)
          throw new Error(`push: ${response.status} ${text.slice(0, 300)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  await Promise.all(Array.from({ length: Number(options.clients) }, client));
  const acknowledged = (performance.now() - before) / 1000;
  const response = await fetch(`${server.url}/flush`, { method: 'POST' });
  if (response.status !== 204) throw new Error(`flush: ${response.status} ${await response.text()}`);
  const stored = (performance.now() - before) / 1000;
  return {
    lines,
    rawMB: bytes / MB,
    secondsAcknowledged: acknowledged,
    secondsStored: stored,
    MBPerSecond: bytes / MB / acknowledged,
    cpuSeconds: server.cpuSeconds() - cpuBefore,
    peakMemoryMB: server.peakMemoryBytes() / MB,
  };
}

async function query(server) {
  const rows = [];
  for (const question of QUERIES) {
    const times = [];
    let last;
    for (let run = 0; run < Number(options.runs); run++) {
      last = await ask(server.url, question);
      times.push(last.milliseconds);
    }
    const { summary } = last.body.data.stats;
    const result = last.body.data.result;
    const found =
      last.body.data.resultType === 'streams' ? result.reduce((sum, one) => sum + one.values.length, 0) : result.length;
    const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
    rows.push({
      query: question.name,
      firstMs: times[0],
      medianMs: median,
      results: found,
      rowsScanned: summary.totalLinesProcessed,
      MBScanned: summary.totalBytesProcessed / MB,
    });
    print(rows.at(-1));
  }
  return rows;
}

function print(row) {
  const cell = (value) =>
    typeof value === 'number' ? (Number.isInteger(value) ? String(value) : value.toFixed(1)) : value;
  console.log(
    Object.entries(row)
      .map(([name, value], i) => (i === 0 ? String(value).padEnd(30) : `${name} ${cell(value)}`))
      .join('  '),
  );
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skald-bench-'));
const data = path.join(folder, 'data');
const traffic = prepare();
const server = await startServer(data, SETTINGS, options['cpu-prof'] ? ['--cpu-prof', '--cpu-prof-dir', folder] : []);
try {
  const ingested = await ingest(server, traffic);
  const storedMB = folderBytes(path.join(data, 'bucket')) / MB;
  const write = { ...ingested, storedMB, storedPerRawByte: storedMB / ingested.rawMB };
  print({ what: 'ingest', ...write });
  const queries = await query(server);
  const peakMemoryMB = server.peakMemoryBytes() / MB;
  print({ what: 'peak memory', peakMemoryMB });
  if (options.json) fs.writeFileSync(options.json, JSON.stringify({ write, queries, peakMemoryMB }, null, 2));
} finally {
  await server.stop();
  if (options.keep || options['cpu-prof']) console.log(`kept ${folder}`);
  else fs.rmSync(folder, { recursive: true });
}
