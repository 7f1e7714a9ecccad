#!/usr/bin/env node
// npm run build && node bench/cluster.mjs [--sample FILE] [--copies N] [--clients N]
// The same pushes into one process and into a cluster of three ingesters and one distributor over NATS with three copies of
// each entry, on the same machine: seconds, and CPU seconds of all server processes together. Needs nats-server.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cpuSecondsOf, folderBytes, startProcess } from './server.mjs';
import { SETTINGS } from './settings.mjs';
import { prepareTraffic, push } from './traffic.mjs';

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string' },
    copies: { type: 'string', default: '4' },
    clients: { type: 'string', default: '4' },
  },
});
const NATS_PORT = 4499;

const traffic = prepareTraffic(options.sample, Number(options.copies), 1);
const { bodies, bytes: size } = traffic;

async function run(name, folder, specs, nats) {
  const processes = [];
  for (const [role, ...flags] of specs) {
    const data = path.join(folder, `${processes.length}`);
    processes.push(await startProcess(data, [`--role=${role}`, ...flags], SETTINGS));
  }
  const target = processes.at(-1);
  const pids = [...processes.map(({ pid }) => pid), ...(nats ? [nats.pid] : [])];
  for (let tries = 0; !(await fetch(`${target.url}/ready`)).ok && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const cpu = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const cpuBefore = cpu();
  const before = performance.now();
  await push(target.url, bodies, Number(options.clients));
  const seconds = (performance.now() - before) / 1000;
  const acknowledged = cpu() - cpuBefore;
  await fetch(`${target.url}/flush`, { method: 'POST' });
  const result = { seconds, MBPerSecond: size / 1e6 / seconds, cpuSeconds: acknowledged, cpuStored: cpu() - cpuBefore };
  await Promise.all(processes.map((one) => one.stop()));
  const bucket = nats ? path.join(folder, 'bucket') : path.join(folder, '0', 'bucket');
  const storedMB = folderBytes(bucket, '.dataobj') / 1e6;
  console.log(
    name.padEnd(28),
    JSON.stringify({ ...result, storedMB }, (_, v) => (typeof v === 'number' ? Math.round(v * 10) / 10 : v)),
  );
  return { ...result, storedMB };
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skald-bench-cluster-'));
const nats = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(NATS_PORT)], { stdio: 'ignore' });
try {
  console.log(`${(size / 1e6).toFixed(0)} MB in ${bodies.length} pushes`);
  const alone = await run('one process', path.join(folder, 'alone'), [['all']]);
  const place = ['--nats', `nats://127.0.0.1:${NATS_PORT}`, '--bucket', path.join(folder, 'cluster', 'bucket')];
  const roles = ['ingester', 'ingester', 'ingester', 'distributor'].map((role) => [role, ...place]);
  const cluster = await run('3 ingesters, 3 copies', path.join(folder, 'cluster'), roles, nats);
  console.log('cluster / alone', {
    seconds: (cluster.seconds / alone.seconds).toFixed(2),
    cpu: (cluster.cpuStored / alone.cpuStored).toFixed(2),
    stored: (cluster.storedMB / alone.storedMB).toFixed(3),
  });
} finally {
  nats.kill();
  fs.rmSync(folder, { recursive: true, force: true });
}
