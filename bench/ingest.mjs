#!/usr/bin/env node
// npm run bench:ingest -- [--sample FILE] [--copies N] [--clients N] [--restart MB]
// What pushes cost while they come as fast as the server takes them, how soon a line that is pushed meanwhile is found by a
// query, and how long a server that was killed takes to answer again when its log holds so many MB that no object has.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { END } from './queries.mjs';
import { folderBytes, startServer } from './server.mjs';
import { SETTINGS } from './settings.mjs';
import { prepareTraffic, push } from './traffic.mjs';

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string' },
    copies: { type: 'string', default: '32' },
    clients: { type: 'string', default: '4' },
    /** MB of lines and metadata in the log at the kill; 0: no restart. */
    restart: { type: 'string', default: '2000' },
  },
});
const MB = 1e6;
/** Nothing is flushed, so that all that is pushed stays in the log. */
const KEPT_IN_LOG = [
  'ingester.flush_bytes=100GB',
  'ingester.memory_bytes_max=100GB',
  'ingester.chunk_idle_period=10h',
  'ingester.max_chunk_age=10h',
];

/** Pushes one marked line after another and asks for each until it is there, as long as `isOver` says no. */
async function probe(url, isOver) {
  const times = [];
  for (let mark = 0; !isOver(); mark++) {
    const before = performance.now();
    const now = String(Date.now() * 1e6);
    const body = JSON.stringify({ streams: [{ stream: { probe: 'visible' }, values: [[now, `mark ${mark}.`]] }] });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    if (response.status !== 204) continue;
    while (!(await isFound(url, `{probe="visible"} |= "mark ${mark}."`)));
    times.push(performance.now() - before);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return times.sort((a, b) => a - b);
}

async function isFound(url, query) {
  const { data } = await get(url, 'query_range', { query, limit: '1', since: '5m' });
  return data.result.length > 0;
}

async function get(url, path, parameters) {
  const response = await fetch(`${url}/loki/api/v1/${path}?${new URLSearchParams(parameters)}`);
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

function show(name, value) {
  console.log(`| ${name} | ${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)} |`);
}

function showTimes(name, times) {
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  console.log(
    `| ${name}: median, p99, longest, ms | ${[at(0.5), at(0.99), at(1)].map((ms) => ms.toFixed(1)).join(', ')} |`,
  );
}

async function underLoad(folder, traffic) {
  const server = await startServer(path.join(folder, 'load'), SETTINGS);
  try {
    await server.rehearsed();
    const cpuBefore = server.cpuSeconds();
    const clientBefore = process.cpuUsage();
    const before = performance.now();
    let isOver = false;
    const probing = probe(server.url, () => isOver);
    const times = await push(server.url, traffic.bodies, Number(options.clients));
    const seconds = (performance.now() - before) / 1000;
    isOver = true;
    const client = process.cpuUsage(clientBefore);
    const visible = await probing;
    await fetch(`${server.url}/flush`, { method: 'POST' });
    show('raw MB', traffic.bytes / MB);
    show('seconds until all is acknowledged', seconds);
    show('server, CPU seconds', server.cpuSeconds() - cpuBefore);
    show('clients, CPU seconds', (client.user + client.system) / 1e6);
    showTimes('push', times);
    showTimes('push to visible', visible);
    show('peak memory, MB', server.peakMemoryBytes() / MB);
  } finally {
    await server.stop();
  }
}

/** All lines, as a query finds them. */
async function countLines({ url }) {
  const { data } = await get(url, 'query', { query: 'sum(count_over_time({service_name=~".+"}[36h]))', time: END });
  return Number(data.result[0]?.value[1] ?? 0);
}

async function restart(folder, { bodies, bytes }) {
  const count = Math.min(bodies.length, Math.ceil((Number(options.restart) * MB * bodies.length) / bytes));
  const data = path.join(folder, 'restart');
  const first = await startServer(data, [...SETTINGS, ...KEPT_IN_LOG]);
  await push(first.url, bodies.slice(0, count), Number(options.clients));
  const pushed = await countLines(first);
  await first.stop('SIGKILL');
  show('restart: MB in the log', folderBytes(path.join(data, 'wal')) / MB);
  spawnSync('sync');
  const before = performance.now();
  const server = await startServer(data, SETTINGS);
  try {
    await get(server.url, 'labels', { since: '700h' });
    show('restart: seconds until it answers', (performance.now() - before) / 1000);
    show('restart: CPU seconds', server.cpuSeconds());
    const lines = await countLines(server);
    show('restart: seconds until all lines are counted', (performance.now() - before) / 1000);
    if (lines !== pushed) throw new Error(`${lines} lines of ${pushed} were found after the restart`);
    const flushing = performance.now();
    await fetch(`${server.url}/flush`, { method: 'POST' });
    show('restart: seconds until all is in objects, after that', (performance.now() - flushing) / 1000);
    show('restart: peak memory, MB', server.peakMemoryBytes() / MB);
  } finally {
    await server.stop();
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skald-bench-'));
try {
  const traffic = prepareTraffic(options.sample, Number(options.copies), 2);
  console.log('| Ingest | |\n| --- | ---: |');
  await underLoad(folder, traffic);
  if (Number(options.restart) > 0) await restart(folder, traffic);
} finally {
  fs.rmSync(folder, { recursive: true });
}
