/** Ingesters of a simulated process, over its own log or over partitions of JetStream. */
import { LogWriter } from '../../src/actors/distributor/log-writer.js';
import { IngesterActor } from '../../src/actors/ingester/actor.js';
import { type OpenLog, walIn } from '../../src/actors/ingester/log.js';
import { loadFingerprint } from '../../src/actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS } from '../../src/actors/ingester/settings.js';
import { ringInstances } from '../../src/actors/ring/instances.js';
import { partitionNames } from '../../src/actors/ring/partitions.js';
import { PoolFlusher } from '../../src/cli/system/flusher-node.js';
import { Partitions } from '../../src/cli/system/partitions.js';
import { InlinePool } from '../../src/execution/pool-inline.js';
import { DEFAULT_BUILD_SETTINGS } from '../../src/storage/dataobj/types.js';
import { TocWriter } from '../../src/storage/metastore/toc-writer.js';
import { type Address, address } from '../../src/wire/address.js';
import type { SimJetStream } from './jetstream.js';
import { LIMITS } from './limits.js';
import type { SimProcess } from './process.js';
import type { Parts, Running } from './roles.js';

const fingerprint = await loadFingerprint();
/** Small pages and objects, so that a few hundred lines make several. */
const BUILD = { ...DEFAULT_BUILD_SETTINGS, pageBytesMin: 400, pageBytesMax: 800, pageRowsMax: 16, zstdLevel: 1 };
/** For a record's headers, as `src/cli` leaves room for them. */
const HEADER_BYTES = 1024;

/** Over the log on the process's disk. */
export function startIngester(parts: Parts): Running {
  const { shape, process, disk, onReady } = parts;
  const openLog = walIn(
    disk,
    { segmentBytesMax: shape.segmentBytesMax, sparesMax: 2, unreadBytesMax: 2 * shape.segmentBytesMax },
    () => process.now(),
  );
  const ingester = ingesterOver(parts, process.name, openLog);
  void ingester.start().then(onReady, (error: unknown) => process.world.fail(`an ingester does not start: ${error}`));
  return {
    ingester,
    stop: async () => void (await ingester.drain(10_000)),
    ...measured(ingester, shape.memoryBytesMax),
  };
}

/** Over the partitions that are the process's. */
export function startPartitions(parts: Parts, log: SimJetStream): Running {
  const { shape, process, router, view, onReady } = parts;
  const partitions = partitionNames(shape.log!.partitions);
  const readers = new Partitions({
    ...{ router, clock: process, process: process.name, partitions },
    newLife: () => process.ulid(),
    log: noteTo(process),
    openStream: async (partition) => parts.stream(await log.open(process, partition)),
    ingester: async (instance, openLog) => ingesterOver(parts, instance, openLog),
    instances: () => ringInstances(view.members(), 'ingester'),
    watch: (watcher) => view.watch(watcher),
  });
  void readers.start().then(onReady);
  return {
    stop: async () => void (await readers.drain(10_000)),
    ...measured(readers, shape.memoryBytesMax * partitions.length),
  };
}

/** Starts the writers of a distributor; returns where they are. */
export function logWriters(
  { shape, process, router, stream }: Parts,
  log: SimJetStream,
): (partition: string) => Address {
  const at = (partition: string): Address => address('distributor', `${process.name}.${partition}`);
  for (const partition of partitionNames(shape.log!.partitions)) {
    const open = async () => stream(await log.open(process, partition));
    new LogWriter(at(partition), { router, open, recordBytesMax: () => shape.maxPayload - HEADER_BYTES });
  }
  return at;
}

function ingesterOver(parts: Parts, instance: string, openLog: OpenLog): IngesterActor {
  const { shape, process, router, bucket, metastore, view } = parts;
  const pool = new InlinePool(
    () => Promise.reject(new Error('an ingester runs no tasks')),
    () => 0,
  );
  return new IngesterActor(
    {
      ...{ router, clock: process, fingerprint, life: `${process.name}@${process.now()}` },
      openLog,
      isUp: (one) => view.holders().includes(address('ingester', one)),
      flusher: new PoolFlusher({
        ...{ pool, bucket, settings: BUILD },
        toc: new TocWriter(bucket, (attempt) => pause(process, attempt)),
        nowMs: () => Number(process.now() / 1_000_000n),
      }),
      metastore,
      limits: () => LIMITS,
      log: noteTo(process),
    },
    {
      ...DEFAULT_INGESTER_SETTINGS,
      instance,
      flushBytes: shape.flushBytes,
      memoryBytesMax: shape.memoryBytesMax,
      chunkIdlePeriodMs: 8000,
      maxChunkAgeMs: 30_000,
      flushConcurrency: 2,
      flushBackoffMaxMs: 5000,
      liveRetentionMs: 60_000,
      heldAskAfterMs: 5000,
      heldAskPeriodMs: 2000,
      takeOverAfterMs: 15_000,
      peerTimeoutMs: 2000,
    },
  );
}

function measured(
  actor: Pick<IngesterActor, 'observe'>,
  memoryBytesMax: number,
): Pick<Required<Running>, 'bounds' | 'busy' | 'isDoubtful'> {
  const gauge = (name: string): number =>
    actor.observe().reduce((sum, sample) => (sample.name === name ? sum + sample.value : sum), 0);
  return {
    isDoubtful: () => gauge('loki_ingester_log_doubtful') > 0,
    bounds: () => [['bytes in memory', gauge('loki_ingester_memory_bytes'), memoryBytesMax]],
    busy: () => ({
      memtables: gauge('loki_ingester_memory_chunks'),
      flushes: gauge('loki_ingester_flush_queue_length'),
      queries: gauge('loki_ingester_live_queries'),
      held: gauge('loki_ingester_held_parts'),
      owned: gauge('loki_ingester_owned_parts'),
    }),
  };
}

function pause(process: SimProcess, attempt: number): Promise<void> {
  return new Promise((resolve) => void process.after(process.unit() * Math.min(500, 10 * attempt), resolve));
}

function noteTo(process: SimProcess): (level: string, message: string, detail: object) => void {
  return (level, message, detail) => process.world.note(`${process.name} ${level}: ${message} ${text(detail)}`);
}

function text(detail: object): string {
  return JSON.stringify(detail, (key, value: unknown) =>
    key === 'detail' ? undefined : typeof value === 'bigint' ? String(value) : value,
  ).slice(0, 200);
}
