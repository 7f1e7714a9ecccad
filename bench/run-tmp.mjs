#!/usr/bin/env node
// npm run bench -- [--sample FILE] [--copies N] [--labels N] [--clients N] [--runs N] [--only REGEX] [--against URL]
//                  [--data FOLDER] [--json FILE] [--svg FILE] [--keep] [--cpu-prof]
// Replays push traffic, recorded or made up, as so many copies of its services, into a fresh server, with a WAL sync before every
// acknowledgement, then asks a set of questions; prints what both cost, as Markdown. With --against the same is asked of
// another server with Loki's API, in the same run. See docs/benchmarks.md.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { plot } from './plot.mjs';
import { ask, QUERIES } from './queries.mjs';
import { folderBytes, startServer } from './server.mjs';
import { SETTINGS } from './settings.mjs';
import { prepareTraffic, push } from './traffic.mjs';

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string' },
    copies: { type: 'string', default: '32' },
    labels: { type: 'string', default: '2' },
    clients: { type: 'string', default: '4' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: '.' },
    against: { type: 'string' },
    /** A data folder kept of an earlier run: nothing is pushed. */
    data: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
    keep: { type: 'boolean', default: false },
    'cpu-prof': { type: 'boolean', default: false },
  },
});
const MB = 1e6;
/** Copies of a recording with which others were measured, or a folder that is taken to be filled with these. */
const IS_THEIR_SIZE = options.copies === '32' && (options.sample ?? options.data) !== undefined;

async function ingest(server, { bodies, lines, bytes }) {
  fs.writeFileSync('/tmp/perf/go', '');
  const cpuBefore = server.cpuSeconds();
  const before = performance.now();
  const cu0 = process.cpuUsage();
  const times = await push(server.url, bodies, Number(options.clients));
  const cu1 = process.cpuUsage(cu0);
  fs.writeFileSync('/tmp/perf/clientcpu.txt', `${cu1.user / 1e6} ${cu1.system / 1e6}`);
  const acknowledged = (performance.now() - before) / 1000;
  const response = await fetch(`${server.url}/flush`, { method: 'POST' });
  if (response.status !== 204) throw new Error(`flush: ${response.status} ${await response.text()}`);
  return {
    entries: lines,
    'raw MB': bytes / MB,
    'seconds until all is acknowledged': acknowledged,
    'seconds until all is in objects': (performance.now() - before) / 1000,
    'MB/s': bytes / MB / acknowledged,
    'CPU seconds': server.cpuSeconds() - cpuBefore,
    'push, median ms': times[times.length >> 1],
    'push, p99 ms': times[Math.floor(times.length * 0.99)],
    'peak memory, MB': server.peakMemoryBytes() / MB,
  };
}

async function pushAgainst(url, traffic) {
  const before = performance.now();
  await push(url, traffic.bodies, Number(options.clients));
  await fetch(`${url}/flush`, { method: 'POST' }).catch(() => undefined);
  console.log(`${url}: acknowledged after ${((performance.now() - before) / 1000).toFixed(1)} s\n`);
}

async function measured(url, question, cpuSeconds = () => 0) {
  const times = [];
  const cpuBefore = cpuSeconds();
  let last;
  for (let run = 0; run < Number(options.runs); run++) {
    last = await ask(url, question);
    times.push(last.milliseconds);
  }
  const cpuMs = ((cpuSeconds() - cpuBefore) * 1000) / times.length;
  const median = [...times].sort((a, b) => a - b)[times.length >> 1];
  return { firstMs: times[0], medianMs: median, cpuMs, body: last.body };
}

async function query(server) {
  const rows = [];
  console.log(
    `| Question | ms | first | CPU ms | rows read | MB read | pages, pruned | Loki | VictoriaLogs | aim |${options.against ? ' beside |' : ''}`,
  );
  console.log(`| --- |${' ---: |'.repeat(options.against ? 10 : 9)}`);
  for (const question of QUERIES.filter(({ name }) => new RegExp(options.only).test(name))) {
    const { firstMs, medianMs, cpuMs, body } = await measured(server.url, question, server.cpuSeconds);
    const against = options.against && (await measured(options.against, question)).medianMs;
    const { summary, querier } = body.data.stats ?? {};
    const { loki, victoria, aim } = IS_THEIR_SIZE ? question : {};
    rows.push({
      name: question.name,
      ours: medianMs,
      firstMs,
      cpuMs,
      loki,
      victoria,
      aim,
      ...(against && { against }),
    });
    const read = summary
      ? [summary.totalLinesProcessed, figure(summary.totalBytesProcessed / MB), pagesOf(querier.store.dataobj)]
      : ['', '', ''];
    const cells = [question.name, figure(medianMs), figure(firstMs), figure(cpuMs), ...read];
    cells.push(ratio(medianMs, loki), ratio(medianMs, victoria), aim ?? '');
    if (options.against) cells.push(ratio(medianMs, against));
    console.log(`| ${cells.join(' | ')} |`);
  }
  return rows;
}

/** A peer's figure, and how many times ours goes into it. */
function ratio(ours, theirs) {
  return theirs === undefined ? '' : `${figure(theirs)} (${(theirs / ours).toPrecision(2)}x)`;
}

/** Read, and told apart as not worth reading. */
function pagesOf({ pagesScanned, pagesDownloaded }) {
  return `${pagesScanned}, ${pagesScanned - pagesDownloaded}`;
}

function figure(value) {
  if (value === undefined) return '';
  return Number.isInteger(value) || value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skald-bench-'));
const data = options.data ?? path.join(folder, 'data');
const traffic = options.data
  ? undefined
  : prepareTraffic(options.sample, Number(options.copies), Number(options.labels));
const server = await startServer(data, SETTINGS, options['cpu-prof'] ? ['--cpu-prof', '--cpu-prof-dir', folder] : []);
try {
  await server.rehearsed();
  const write = traffic && (await ingest(server, traffic));
  const storedMB = folderBytes(path.join(data, 'bucket'), '.dataobj') / MB;
  console.log('| Writing | |\n| --- | ---: |');
  for (const [name, value] of Object.entries({ ...write, 'stored MB': storedMB }))
    console.log(`| ${name} | ${figure(value)} |`);
  console.log();
  if (options.against && traffic) await pushAgainst(options.against, traffic);
  const queries = await query(server);
  const peakMemoryMB = server.peakMemoryBytes() / MB;
  console.log(`\npeak memory, queries included: ${Math.round(peakMemoryMB)} MB`);
  if (options.json) fs.writeFileSync(options.json, JSON.stringify({ write, storedMB, queries, peakMemoryMB }, null, 2));
  if (options.svg) fs.writeFileSync(options.svg, plot(queries));
} finally {
  await server.stop();
  if (options.keep || options['cpu-prof']) console.log(`kept ${folder}`);
  else fs.rmSync(folder, { recursive: true });
}
