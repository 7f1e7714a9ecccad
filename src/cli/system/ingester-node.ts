import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngesterActor } from '../../actors/ingester/actor.js';
import { type OpenLog, walIn } from '../../actors/ingester/log.js';
import { segmentsOnThreads } from '../../actors/ingester/logged/log-segments-piscina.js';
import { loadFingerprint } from '../../actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS, type IngesterSettings } from '../../actors/ingester/settings.js';
import { partitionNames } from '../../actors/ring/partitions.js';
import { collectGarbageSoon } from '../../storage/collect-garbage-node.js';
import { DEFAULT_BUILD_SETTINGS } from '../../storage/dataobj/types.js';
import { NodeDisk } from '../../storage/disk-node.js';
import { TocWriter } from '../../storage/metastore/toc-writer.js';
import { address } from '../../wire/address.js';
import type { Settings } from '../config.js';
import type { SystemContext } from './context.js';
import { PoolFlusher } from './flusher-node.js';
import { streamsOf } from './jetstream-nats.js';
import { Partitions } from './partitions.js';

/** Longest wait before another try to change a table of contents that others change too. */
const TOC_PAUSE_MS_MAX = 1000;

/** Of what pushes fill before they wait for objects: so a log has no digests where they wait for these only. */
const UNREAD_SHARE = 1.5;

/** Over the log in the process's data folder; not started yet. */
export async function openIngester(context: SystemContext, folder: string): Promise<IngesterActor> {
  const { settings, name, clock, pool } = context;
  const { wal, backlog_bytes_max } = settings.ingester;
  const disk = await NodeDisk.open(join(folder, 'wal'));
  const openLog = walIn(
    disk,
    {
      ...{ segmentBytesMax: wal.segment_size, sparesMax: wal.spare_segments },
      unreadBytesMax: Math.ceil(UNREAD_SHARE * backlog_bytes_max),
    },
    () => clock.now(),
    (fingerprint) => segmentsOnThreads(disk, pool.size, fingerprint),
  );
  return ingesterOver(context, openLog, ingesterSettings(settings, name));
}

/** Over the logs of the partitions that are this process's; not started yet. */
export function openPartitions(context: SystemContext): Partitions {
  const { settings, name, router, clock, random, peers, log } = context;
  const { partitions } = settings.ingest.jetstream;
  return new Partitions({
    ...{ router, clock, process: name, partitions: partitionNames(partitions) },
    newLife: () => random.ulid().toLowerCase(),
    log: (level, message, detail) => log[level](detail, message),
    openStream: streamsOf(context),
    // Memory is for all of them together.
    ingester: (instance, openLog) =>
      ingesterOver(
        context,
        openLog,
        ingesterSettings(settings, instance, Math.ceil(partitions / Math.max(1, peers.active('ingester')))),
      ),
    instances: () => peers.instances('ingester'),
    watch: (watcher) => peers.watch(watcher),
  });
}

async function ingesterOver(
  context: SystemContext,
  openLog: OpenLog,
  settings: IngesterSettings,
): Promise<IngesterActor> {
  const { router, clock, random, pool, bucket, metastore, warmer, limits, log, peers } = context;
  const toc = new TocWriter(bucket, (attempt) =>
    attempt === 1 ? Promise.resolve() : sleep(random.unit() * Math.min(TOC_PAUSE_MS_MAX, 2 ** attempt)),
  );
  return new IngesterActor(
    {
      router,
      clock,
      openLog,
      flusher: new PoolFlusher({
        ...{ pool, bucket, toc, settings: DEFAULT_BUILD_SETTINGS, nowMs: Date.now },
        onStored: (path) => warmer?.add(path),
      }),
      freed: collectGarbageSoon,
      fingerprint: await loadFingerprint(),
      life: random.ulid(),
      metastore,
      limits,
      isUp: (instance) => peers.holders.includes(address('ingester', instance)),
      log: (level, message, detail) => log[level](detail, message),
    },
    settings,
  );
}

function ingesterSettings({ ingester, cluster }: Settings, instance: string, sharers = 1): IngesterSettings {
  return {
    ...DEFAULT_INGESTER_SETTINGS,
    instance,
    flushBytes: Math.ceil(ingester.flush_bytes / sharers),
    backlogBytesMax: Math.ceil(ingester.backlog_bytes_max / sharers),
    memoryBytesMax: Math.ceil(ingester.memory_bytes_max / sharers),
    chunkIdlePeriodMs: ingester.chunk_idle_period,
    maxChunkAgeMs: ingester.max_chunk_age,
    flushCheckPeriodMs: ingester.flush_check_period,
    maxReturnedStreamErrors: ingester.max_returned_stream_errors,
    takeOverAfterMs: cluster.take_over_after,
  };
}
