/** The logs of `ingest.log: jetstream`. */
import { z } from 'zod';
import { LogWriter } from '../../actors/distributor/log-writer.js';
import { partitionNames } from '../../actors/ring/partitions.js';
import { token } from '../../actors/runtime/subject.js';
import { durabilityWarnings } from '../../storage/jetstream/durability.js';
import { NatsStream } from '../../storage/jetstream/stream-nats.js';
import type { PartitionStream } from '../../storage/jetstream/types.js';
import { type Address, address } from '../../wire/address.js';
import type { SystemContext } from './context.js';

/** For a record's headers: the id, and what NATS adds. */
const HEADER_BYTES = 1024;
const PAYLOAD_BYTES = 1 << 20;
const MONITOR_TIMEOUT_MS = 3000;

/** Opens the log of a partition. What may be lost of it is said once, in the process's own log. */
export function streamsOf(context: SystemContext): (partition: string) => Promise<PartitionStream> {
  const { settings, nats, log } = context;
  const { monitor } = settings.ingest.jetstream;
  let isReported = false;
  return async (partition) => {
    const stream = await openStream(context, partition);
    if (!isReported) {
      isReported = true;
      const { storage, num_replicas: copies } = stream.info.config;
      const version = nats!.info?.version ?? 'unknown';
      const facts = { version, storage, copies, syncsAlways: await syncsAlways(monitor) };
      log.info({ ...facts, stream: stream.info.config.name }, 'entries are logged in JetStream');
      for (const warning of durabilityWarnings(facts)) log.warn({ version, copies }, `JetStream: ${warning}`);
    }
    return stream;
  };
}

function openStream({ settings, nats }: SystemContext, partition: string): Promise<NatsStream> {
  const { replicas, partition_bytes_max: bytesMax } = settings.ingest.jetstream;
  return NatsStream.open(nats!, { cluster: token(settings.cluster.name), partition, replicas, bytesMax });
}

/** Starts a writer for each partition; returns where they are. */
export function logWritersOf(context: SystemContext): (partition: string) => Address {
  const { name, router, nats, settings } = context;
  const recordBytesMax = (): number => (nats?.info?.max_payload ?? PAYLOAD_BYTES) - HEADER_BYTES;
  const at = (partition: string): Address => address('distributor', `${name}.${partition}`);
  for (const partition of partitionNames(settings.ingest.jetstream.partitions)) {
    new LogWriter(at(partition), { router, open: () => openStream(context, partition), recordBytesMax });
  }
  return at;
}

const varz = z.object({ jetstream: z.object({ config: z.object({ sync_always: z.boolean().default(false) }) }) });

/**
 * What `sync_interval` is, which only the monitoring page of a server tells (`/varz`, nats-server 2.10 and later; before,
 * there was no such setting). Undefined when nobody can tell.
 */
async function syncsAlways(monitor: string): Promise<boolean | undefined> {
  if (monitor === '') return undefined;
  try {
    const answer = await fetch(new URL('/varz', monitor), { signal: AbortSignal.timeout(MONITOR_TIMEOUT_MS) });
    return varz.parse(await answer.json()).jetstream.config.sync_always;
  } catch {
    return undefined;
  }
}
