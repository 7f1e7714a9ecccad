/** npm run chaos -- [--minutes N] [--seed S] [--rolling] [--folder F]: see docs/testing.md. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../support/random.js';
import { ChaosCluster } from './cluster.js';
import { durableFaults, killed, statelessFaults } from './faults.js';
import { Network, whyNoNetwork } from './network.js';
import { beOnlyRun } from './only-run.js';
import { Reader } from './reader.js';
import { storedRows } from './stored.js';
import { type Happened, storm } from './storm.js';
import { type ClientVerdict, isClean, judge } from './verdict.js';
import { Writer } from './writer.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    /** Only orderly restarts, one process after the other: then no query may fail. */
    rolling: { type: 'boolean', default: false },
    folder: { type: 'string' },
  },
});
const CLIENTS = 4;
const LINES_PER_BATCH = 20;
const BATCHES_PER_SECOND = 10;
const STORED_RATIO_MAX = 1.1;
const TENANT = 'fake';

if (spawnSync('nats-server', ['--version']).status !== 0) {
  console.log('SKIPPED: chaos needs nats-server on PATH (apt-get install nats-server)');
  process.exit(0);
}
beOnlyRun();
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'skald-chaos-'));
const noNetwork = whyNoNetwork();
if (noNetwork) console.log(`SKIPPED: faults of the network and of a full disk: ${noNetwork}`);
const network = noNetwork ? undefined : new Network();
const cluster = new ChaosCluster(folder, network);
const happened: Happened[] = [];
const startedMs = performance.now();

function say(text: string): void {
  console.log(`${((performance.now() - startedMs) / 1000).toFixed(1).padStart(7)} s  ${text}`);
}

process.once('SIGINT', () => {
  void cluster.stop('SIGKILL').then(() => process.exit(130));
});

try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await cluster.stop('SIGKILL');
  cluster.close();
  network?.close();
  if (!process.exitCode && values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  else console.log(`logs and data: ${folder}`);
}

async function run(): Promise<boolean> {
  say(`seed ${values.seed}, ${values.minutes} minutes, ${cluster.members.length} processes and NATS`);
  await cluster.start();
  const urls = (role: string): string[] => cluster.of(role).map(({ options }) => options.url);
  const writers = Array.from(
    { length: CLIENTS },
    (_, i) =>
      new Writer({
        client: `c${i}`,
        urls: urls('distributor'),
        linesPerBatch: LINES_PER_BATCH,
        batchesPerSecond: BATCHES_PER_SECOND,
      }),
  );
  const reader = new Reader(writers, urls('querier'));
  const writing = writers.map((writer) => writer.run());
  const reading = reader.run();
  await underFaults();
  await cluster.allReady();
  say('calm again; clients finish what they have begun');
  for (const writer of writers) writer.stop();
  await Promise.all(writing);
  reader.stop();
  await reading;
  const verdicts = await judgeAll(reader, writers, urls('querier')[0]!);
  say('everything ends in order and starts again: memory is gone');
  await restartAll();
  const after = await judgeAll(reader, writers, urls('querier')[1]!);
  const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged.size, 0);
  return report([...verdicts, ...after], writers, reader, (await storedRows(folder, TENANT)) / acknowledged);
}

async function underFaults(): Promise<void> {
  const untilMs = performance.now() + Number(values.minutes) * 60_000;
  const note = (fault: Happened): void => {
    happened.push(fault);
    say(`${fault.kind.padEnd(18)} ${fault.target.padEnd(14)} ${fault.seconds.toFixed(1)} s`);
  };
  const random = (stream: number): SeededRandom => new SeededRandom(Number(values.seed), stream);
  if (values.rolling) {
    const faults = cluster.members.map((one) => killed(one, 'SIGTERM'));
    return await storm({ faults, calm: [2, 4] }, random(1), untilMs, note);
  }
  await Promise.all([
    storm({ faults: durableFaults(cluster, network), calm: [4, 10] }, random(1), untilMs, note),
    storm({ faults: statelessFaults(cluster, network), calm: [1, 6] }, random(2), untilMs, note),
  ]);
}

async function restartAll(): Promise<void> {
  await Promise.all(cluster.members.map((one) => one.stop('SIGTERM')));
  for (const one of cluster.members) one.start();
  await cluster.allReady();
  await sleep(2_000);
}

async function judgeAll(reader: Reader, writers: readonly Writer[], url: string): Promise<ClientVerdict[]> {
  const verdicts: ClientVerdict[] = [];
  for (const writer of writers) verdicts.push(judge(writer, await reader.numbers(writer.client, url)));
  return verdicts;
}

function report(
  verdicts: readonly ClientVerdict[],
  writers: readonly Writer[],
  reader: Reader,
  storedRatio: number,
): boolean {
  const kinds = new Map<string, number>();
  for (const { kind } of happened) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  console.log(`\nfaults: ${happened.length}`);
  for (const [kind, count] of [...kinds].sort()) console.log(`  ${kind.padEnd(18)} ${count}`);
  console.log('pushes by answer:', sums(writers.map(({ answers }) => answers)));
  console.log(
    `slowest push until acknowledged: ${Math.round(Math.max(...writers.map(({ slowestMs }) => slowestMs)))} ms`,
  );
  console.log(
    `queries: ${reader.answered} answered, slowest ${Math.round(reader.slowestMs)} ms; failed:`,
    sums([reader.failures]),
  );
  const total = (of: (verdict: ClientVerdict) => number): number => verdicts.reduce((sum, one) => sum + of(one), 0);
  console.log(`\nverdict over ${verdicts.length} readings (in memory and after a restart of everything)`);
  console.log(`  acknowledged    ${total(({ acknowledged }) => acknowledged)}`);
  console.log(`  lost prefix     ${total(({ lostPrefix }) => lostPrefix.length)}`);
  console.log(`  lost suffix     ${total(({ lostSuffix }) => lostSuffix.length)}`);
  console.log(`  lost middle     ${total(({ lostMiddle }) => lostMiddle.length)}`);
  console.log(`  duplicated      ${total(({ duplicated }) => duplicated.length)}`);
  console.log(`  invented        ${total(({ invented }) => invented.length)}`);
  console.log(`  unacknowledged  ${total(({ unacknowledged }) => unacknowledged)} (allowed)`);
  console.log(`  stored          ${storedRatio.toFixed(3)} rows for each acknowledged`);
  for (const violation of reader.violations) console.log(`  WRONG ANSWER ${violation}`);
  const unexpected = cluster.members.filter((one) => one.unexpected > 0).map(({ name }) => name);
  if (unexpected.length > 0) console.log(`  ENDED BY THEMSELVES ${unexpected.join(', ')}`);
  const failures = [...verdicts.filter((one) => !isClean(one)), ...reader.violations, ...unexpected].length;
  const tooManyFailed = values.rolling && reader.failures.size > 0;
  const tooMuch = values.rolling && storedRatio > STORED_RATIO_MAX;
  const passed = failures === 0 && !tooManyFailed && !tooMuch;
  console.log(passed ? '\nnothing lost, nothing twice' : '\nFAILED');
  return passed;
}

function sums(maps: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const map of maps) for (const [key, count] of map) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}
