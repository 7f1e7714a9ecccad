import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngesterActor } from '../../actors/ingester/actor.js';
import { walIn } from '../../actors/ingester/log.js';
import { loadFingerprint } from '../../actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS, type IngesterSettings } from '../../actors/ingester/settings.js';
import { DEFAULT_BUILD_SETTINGS } from '../../storage/dataobj/types.js';
import { NodeDisk } from '../../storage/disk-node.js';
import { TocWriter } from '../../storage/metastore/toc-writer.js';
import { address } from '../../wire/address.js';
import type { Settings } from '../config.js';
import type { SystemContext } from './context.js';
import { PoolFlusher } from './flusher-node.js';

/** Longest wait before another try to change a table of contents that others change too. */
const TOC_PAUSE_MS_MAX = 1000;

/** Over the log in the process's data folder; not started yet. */
export async function openIngester(context: SystemContext, folder: string): Promise<IngesterActor> {
  const { settings, name, router, clock, random, pool, bucket, metastore, limits, log, peers } = context;
  const toc = new TocWriter(bucket, (attempt) =>
    attempt === 1 ? Promise.resolve() : sleep(random.unit() * Math.min(TOC_PAUSE_MS_MAX, 2 ** attempt)),
  );
  return new IngesterActor(
    {
      router,
      clock,
      openLog: walIn(await NodeDisk.open(join(folder, 'wal')), settings.ingester.wal.segment_size, () => clock.now()),
      flusher: new PoolFlusher(pool, bucket, toc, DEFAULT_BUILD_SETTINGS),
      fingerprint: await loadFingerprint(),
      metastore,
      limits,
      isUp: (instance) => peers.holders.includes(address('ingester', instance)),
      log: (level, message, detail) => log[level](detail, message),
    },
    ingesterSettings(settings, name),
  );
}

function ingesterSettings({ ingester, cluster }: Settings, instance: string): IngesterSettings {
  return {
    ...DEFAULT_INGESTER_SETTINGS,
    instance,
    flushBytes: ingester.flush_bytes,
    memoryBytesMax: ingester.memory_bytes_max,
    chunkIdlePeriodMs: ingester.chunk_idle_period,
    maxChunkAgeMs: ingester.max_chunk_age,
    flushCheckPeriodMs: ingester.flush_check_period,
    maxReturnedStreamErrors: ingester.max_returned_stream_errors,
    takeOverAfterMs: cluster.take_over_after,
  };
}
