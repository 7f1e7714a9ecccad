#!/usr/bin/env node
// node bench/refresh.mjs [--lines N] [--flushes N] [--refreshes N]
// A dashboard's query over stored data, refreshed as its window slides by a step: how many times faster with the results
// that were kept than without (`Cache-Control: no-cache`), medians of both.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from './server.mjs';
import { SETTINGS } from './settings.mjs';

const { values: options } = parseArgs({
  options: {
    lines: { type: 'string', default: '400000' },
    flushes: { type: 'string', default: '20' },
    refreshes: { type: 'string', default: '9' },
  },
});
const LINES = Number(options.lines);
const FLUSHES = Number(options.flushes);
const START_MS = Date.parse('2026-11-01T00:00:00Z');
const SPAN_MS = 6 * 3600_000;
const STEP_SECONDS = 60;
const QUERIES = {
  'json, by status': 'sum by (status) (count_over_time({app="web"} | json | __error__="" [1m]))',
  'line filter': 'sum(rate({app="web"} |~ "path.*7[0-9]" [5m]))',
  'quantile of a field': 'quantile_over_time(0.95, {app="web"} | json | unwrap took [5m]) by (app)',
};

async function post(url, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: body && JSON.stringify(body) });
  if (response.status !== 204) throw new Error(`${response.status}: ${await response.text()}`);
}

async function fill(url) {
  for (let flush = 0; flush < FLUSHES; flush++) {
    const values = [];
    for (let i = (flush * LINES) / FLUSHES; i < ((flush + 1) * LINES) / FLUSHES; i++) {
      const ns = `${Math.floor(START_MS + (i * SPAN_MS) / LINES)}000000`;
      const line = {
        status: [200, 200, 404, 500][i % 4],
        path: `/item/${i % 997}`,
        took: (i * 7919) % 1000,
        id: `${i}`,
      };
      values.push([ns, JSON.stringify(line)]);
    }
    await post(`${url}/loki/api/v1/push`, { streams: [{ stream: { app: 'web' }, values }] });
    await post(`${url}/flush`);
  }
}

async function ask(url, query, later, headers) {
  const target = new URL(`${url}/loki/api/v1/query_range`);
  const start = START_MS / 1000 + 1800 + later;
  const range = { query, start, end: start + 5 * 3600, step: STEP_SECONDS };
  for (const [name, value] of Object.entries(range)) target.searchParams.set(name, String(value));
  const before = performance.now();
  const response = await fetch(target, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text.slice(0, 300)}`);
  return { milliseconds: performance.now() - before, data: JSON.parse(text).data };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skald-refresh-'));
const server = await startServer(path.join(folder, 'data'), SETTINGS);
await server.rehearsed();
try {
  await fill(server.url);
  for (const [name, query] of Object.entries(QUERIES)) {
    const [fresh, kept] = [[], []];
    await ask(server.url, query, 0, {});
    let found = '';
    for (let i = 1; i <= Number(options.refreshes); i++) {
      const without = await ask(server.url, query, i * STEP_SECONDS, { 'cache-control': 'no-cache' });
      const having = await ask(server.url, query, i * STEP_SECONDS, {});
      if (JSON.stringify(without.data.result) !== JSON.stringify(having.data.result))
        throw new Error(`${name}: answers differ`);
      fresh.push(without.milliseconds);
      kept.push(having.milliseconds);
      const { entriesFound, entriesRequested } = having.data.stats.cache.result;
      found = `${entriesFound} of ${entriesRequested} sections found`;
    }
    const [slow, fast] = [median(fresh), median(kept)];
    console.log(
      `${name.padEnd(22)} ${(slow / fast).toFixed(1)}x  (${slow.toFixed(1)} ms without, ${fast.toFixed(1)} ms; ${found})`,
    );
  }
} finally {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
}
