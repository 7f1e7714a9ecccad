/**
 * What an append costs inside the ingester, with batches as the distributor makes them: `npm run build && node bench/micro/ingester.mjs`.
 *
 * First the steps alone (nothing is written): CPU nanoseconds per row for several shapes of traffic. Then the actor with its
 * log on a real disk: appends and megabytes per second by number of clients, with a sync before every answer.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IngesterActor } from '../../dist/actors/ingester/actor.js';
import { walIn } from '../../dist/actors/ingester/log.js';
import { loadFingerprint } from '../../dist/actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS } from '../../dist/actors/ingester/settings.js';
import { initialState } from '../../dist/actors/ingester/state.js';
import { step } from '../../dist/actors/ingester/step.js';
import { NodeClock } from '../../dist/actors/runtime/clock-node.js';
import { LocalRouter } from '../../dist/actors/runtime/router-local.js';
import { NodeDisk } from '../../dist/storage/disk-node.js';
import { DEFAULT_LIMITS } from '../../dist/wire/limits.js';
import { sealEntries } from '../../dist/wire/seal-entries.js';

const LINE_BYTES = 180;
const START = 1_793_491_200_000_000_000n;
const limits = {
  ...DEFAULT_LIMITS,
  per_stream_rate_limit: 1e12,
  per_stream_rate_limit_burst: 1e12,
  max_global_streams_per_user: 0,
};
const fingerprint = await loadFingerprint();

/** Batches of `rows` entries over `streams` streams; `time(n)` is the time of a stream's n-th entry in ns from the start. */
function makeBatches({ batches, rows, streams, time, pool = streams }) {
  const counts = new Map();
  return Array.from({ length: batches }, (_, b) => {
    const messages = Buffer.alloc(rows * LINE_BYTES, `line of batch ${b} `);
    const times = new BigInt64Array(rows);
    const metadata = Buffer.from('info'.repeat(rows));
    const names = [];
    const ends = [];
    for (let s = 0; s < streams; s++) {
      const name = `{app="app-${(b * streams + s) % pool}", cluster="eu-1", namespace="prod", pod="pod-${(b * streams + s) % pool}"}`;
      const to = Math.floor(((s + 1) * rows) / streams);
      let n = counts.get(name) ?? 0;
      for (let row = ends.at(-1) ?? 0; row < to; row++, n++) {
        times[row] = START + BigInt(time(n));
        messages.writeUInt32LE(n, row * LINE_BYTES + 20);
        messages.writeUInt32LE((b * streams + s) % pool, row * LINE_BYTES + 30);
      }
      counts.set(name, n);
      names.push(name);
      ends.push(to);
    }
    const scale = (size) => Int32Array.from({ length: rows + 1 }, (_, i) => i * size);
    return sealEntries({
      tenant: 'bench',
      streams: names,
      streamEnds: ends,
      keys: ['detected_level'],
      rows,
      timeWords: new Int32Array(times.buffer),
      messageOffsets: scale(LINE_BYTES),
      messages,
      pairs: rows,
      pairStarts: scale(1),
      pairKeys: new Int32Array(rows),
      pairOffsets: scale(4),
      metadata,
    }).buffer;
  });
}

const settings = { ...DEFAULT_INGESTER_SETTINGS, flushBytes: 2 ** 40, memoryBytesMax: 2 ** 41 };
const NOTHING = { batches: [], coverage: new Map(), lastSeq: 0, truncatedSeq: 0, unreadable: 0 };

function runSteps(appends) {
  const state = initialState(settings, { limits: () => limits, fingerprint, life: '' });
  step(state, { kind: 'recovered', recovered: NOTHING }, 0);
  let refused = 0;
  const reply = (answer) => {
    if (answer.kind !== 'ok') refused++;
  };
  const cpu = process.cpuUsage();
  for (const batch of appends) {
    const effects = step(state, { kind: 'received', message: { kind: 'append', batch }, reply }, 1);
    for (const effect of effects.some(({ kind }) => kind === 'wal.append')
      ? step(state, { kind: 'wal.appended' }, 1)
      : effects) {
      if (effect.kind === 'reply') effect.to(effect.reply);
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  return { milliseconds: (user + system) / 1000, refused, state };
}

/** The quickest of three runs: the machine may be busy with other things. */
function best(appends) {
  const runs = [runSteps(appends), runSteps(appends), runSteps(appends)];
  return runs.sort((a, b) => a.milliseconds - b.milliseconds)[0];
}

const SHAPES = {
  'in order': { time: (n) => n * 1000 },
  'in order, one entry per stream': { time: (n) => n * 1000, streams: 300, pool: 3000 },
  'ten entries per time': { time: (n) => Math.floor(n / 10) * 1_000_000 },
  'a thousand entries per time': { time: (n) => Math.floor(n / 1000) * 1_000_000_000 },
  'every fourth a little late': { time: (n) => (n % 4 === 3 ? n - 20 : n) * 1000 },
  'newest first': { time: (n) => (10_000_000 - n) * 1000 },
};

console.log(`steps alone: batches of 300 entries of ${LINE_BYTES} bytes, 10 streams each`);
for (const [name, shape] of Object.entries(SHAPES)) {
  const make = (batches) => makeBatches({ batches, rows: 300, streams: 10, pool: 120, ...shape });
  runSteps(make(200));
  const appends = make(2000);
  const { milliseconds, refused } = best(appends);
  console.log(
    `  ${name.padEnd(32)} ${((milliseconds * 1e6) / (2000 * 300)).toFixed(0).padStart(5)} ns a row${refused ? `  (${refused} refused)` : ''}`,
  );
}
{
  const once = makeBatches({ batches: 1000, rows: 300, streams: 10, pool: 120, time: (n) => n * 1000 });
  const { milliseconds } = best([...once, ...once]);
  console.log(
    `  ${'every batch sent twice'.padEnd(32)} ${((milliseconds * 1e6) / (2000 * 300)).toFixed(0).padStart(5)} ns a row`,
  );
}

const LOG = { segmentBytesMax: 64 << 20, sparesMax: 4 };
const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'bench-wal-'));
console.log(`with the log in ${folder}`);
try {
  for (const [clients, rows] of [
    [1, 300],
    [8, 300],
    [32, 300],
    [64, 10],
  ])
    await runActor(clients, rows);
} finally {
  await rm(folder, { recursive: true });
}

async function runActor(clients, rows) {
  const clock = new NodeClock();
  const router = new LocalRouter({ clock });
  const actor = new IngesterActor(
    {
      router,
      clock,
      openLog: walIn(await NodeDisk.open(join(folder, `${clients}-${rows}`)), LOG, () => clock.now()),
      fingerprint,
      flusher: { store: async () => ({ bytes: 0 }) },
      metastore: { coverage: async () => [] },
      limits: () => limits,
      log: () => {},
    },
    { ...settings, instance: 'bench', flushBytes: 128 << 20 },
  );
  await actor.start();
  const count = rows === 10 ? 20_000 : 4000;
  const appends = makeBatches({ batches: count, rows, streams: Math.min(10, rows), pool: 120, time: (n) => n * 1000 });
  const bytes = appends.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let next = 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const client = async () => {
    while (next < count) {
      const message = { kind: 'append', batch: appends[next++] };
      const reply = await router.ask('client/bench', 'ingester/bench', message, { timeoutMs: 60_000 });
      if (reply.kind !== 'ok') throw new Error(JSON.stringify(reply));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const groups = actor.observe().find(({ name }) => name === 'loki_ingester_wal_groups_total').value;
  await actor.drain(60_000);
  console.log(
    `  ${clients} clients, ${rows} entries each: ${(count / seconds).toFixed(0)} appends/s, ${(bytes / seconds / 1e6).toFixed(0)} MB/s, ` +
      `${(count / groups).toFixed(1)} appends a sync, ${((1000 * seconds) / groups).toFixed(2)} ms a sync, CPU ${((user + system) / 1e6 / seconds).toFixed(2)}`,
  );
}
