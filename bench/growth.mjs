// npm run bench:growth -- [--sample FILE] [--copies 8,16,32,64] [--runs N] [--svg FILE]
// How the time of a few questions grows with the data that is stored, where the data they touch stays the same.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { linePlot } from './plot.mjs';
import { ask, QUERIES } from './queries.mjs';
import { startServer } from './server.mjs';
import { SETTINGS } from './settings.mjs';
import { prepareTraffic, push } from './traffic.mjs';

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string' },
    copies: { type: 'string', default: '8,16,32,64' },
    runs: { type: 'string', default: '7' },
    svg: { type: 'string' },
  },
});
const ASKED = [
  'needle in a line',
  'metadata filter: trace id',
  'no match',
  'newest 100',
  'newest 100 with a substring',
  'counts by 5 minutes',
  'rate by service',
  'one stream: newest 1,000',
  'one stream: count by 5 minutes',
];
const CLIENTS = 4;

async function measured(copies) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skald-growth-'));
  const server = await startServer(path.join(folder, 'data'), SETTINGS);
  try {
    await server.rehearsed();
    const { bodies, bytes } = prepareTraffic(options.sample, copies, 2);
    await push(server.url, bodies, CLIENTS);
    await fetch(`${server.url}/flush`, { method: 'POST' });
    const medians = new Map();
    for (const name of ASKED) {
      const question = QUERIES.find((one) => one.name === name);
      const times = [];
      for (let run = 0; run < Number(options.runs); run++) times.push((await ask(server.url, question)).milliseconds);
      medians.set(name, times.sort((a, b) => a - b)[times.length >> 1]);
    }
    return { gigabytes: bytes / 1e9, medians };
  } finally {
    await server.stop();
    fs.rmSync(folder, { recursive: true });
  }
}

const shown = (ms) => (ms >= 100 ? ms.toFixed(0) : ms.toFixed(1));
console.log(`| GB, ms as medians of ${options.runs} | ${ASKED.join(' | ')} |`);
console.log(`| --- |${' ---: |'.repeat(ASKED.length)}`);
const sizes = [];
for (const copies of options.copies.split(',')) {
  const size = await measured(Number(copies));
  sizes.push(size);
  console.log(
    `| ${size.gigabytes.toPrecision(2)} | ${ASKED.map((name) => shown(size.medians.get(name))).join(' | ')} |`,
  );
}
if (options.svg) {
  const lines = ASKED.map((name) => ({
    name,
    points: sizes.map(({ gigabytes, medians }) => [gigabytes, medians.get(name)]),
  }));
  fs.writeFileSync(options.svg, linePlot(lines, { x: 'GB stored', y: 'ms' }));
}
