import type { SegmentDamage } from '../../storage/wal/recovery.js';
import type { Wal } from '../../storage/wal/wal.js';
import { type IngesterState, memoryInUse } from './state.js';

/** One number of `/metrics`; names are Loki's where Loki has them. */
export interface MetricSample {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The state of an ingester in numbers: for `/metrics`, and for tests that wait on it. */
export function observe(state: IngesterState): readonly MetricSample[] {
  const { counters, registry, copies } = state;
  const samples: MetricSample[] = [
    counter('loki_ingester_streams_created_total', registry.created),
    counter('loki_ingester_streams_removed_total', registry.removed),
    counter('loki_ingester_appends_total', counters.appends),
    counter('loki_ingester_appends_refused_total', counters.appendsRefused),
    counter('loki_ingester_entries_appended_total', counters.rowsAppended),
    counter('loki_ingester_duplicate_entries_total', counters.duplicateRows),
    counter('loki_ingester_wal_groups_total', counters.groups),
    counter('loki_ingester_wal_groups_refused_total', counters.groupsRefused),
    counter('loki_ingester_wal_recovered_entries_total', counters.recoveredRows),
    counter('loki_ingester_wal_recovered_bytes_total', counters.recoveredBytes),
    counter('loki_ingester_wal_unreadable_records_total', counters.unreadableRecords),
    counter('loki_ingester_chunks_flushed_total', counters.objectsFlushed),
    counter('loki_ingester_flushed_bytes_total', counters.objectBytesFlushed),
    counter('loki_ingester_chunks_flush_failures_total', counters.flushFailures),
    counter('loki_ingester_backlogged_seconds_total', counters.backloggedMs / 1000),
    counter('loki_ingester_parts_stored_total', counters.partsStored),
    counter('loki_ingester_parts_taken_over_total', counters.partsTakenOver),
    counter('loki_ingester_parts_resent_total', counters.partsResent),
    counter('loki_ingester_held_parts_ended_total', counters.heldEnded),
    gauge('loki_ingester_owned_parts', copies.owned.size),
    gauge('loki_ingester_held_parts', copies.held.size),
    gauge('loki_ingester_held_bytes', copies.held.memoryBytes),
    gauge('loki_ingester_log_doubtful', state.doubtfulUntilMs === null ? 0 : 1),
    gauge('loki_ingester_memory_chunks', state.sealed.length + (state.active ? 1 : 0)),
    gauge('loki_ingester_memory_bytes', memoryInUse(state)),
    gauge(
      'loki_ingester_flush_queue_length',
      state.sealed.reduce((sum, { todo, running, isPlanned }) => sum + todo.length + running + (isPlanned ? 0 : 1), 0),
    ),
    gauge('loki_ingester_live_queries', state.snapshots.queries),
    gauge('loki_ingester_tails', state.tails.size),
    counter('loki_ingester_tail_dropped_entries_total', state.tails.dropped),
  ];
  for (const tenant of registry.tenants()) {
    samples.push(gauge('loki_ingester_memory_streams', registry.count(tenant), { tenant }));
  }
  for (const { reason, tenant, samples: rows, bytes } of state.discarded.all()) {
    samples.push(counter('loki_discarded_samples_total', rows, { reason, tenant }));
    samples.push(counter('loki_discarded_bytes_total', bytes, { reason, tenant }));
  }
  return samples;
}

function counter(name: string, value: number, labels?: Readonly<Record<string, string>>): MetricSample {
  return { name, kind: 'counter', value, ...(labels ? { labels } : {}) };
}

function gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): MetricSample {
  return { name, kind: 'gauge', value, ...(labels ? { labels } : {}) };
}

export function observeWal(wal: Wal, damage: readonly SegmentDamage[]): readonly MetricSample[] {
  const now = wal.observe();
  return [
    counter('loki_ingester_wal_records_logged_total', now.recordsLogged),
    counter('loki_ingester_wal_logged_bytes_total', now.bytesLogged),
    counter('loki_ingester_wal_disk_full_failures_total', now.diskFullFailures),
    counter('loki_ingester_wal_write_failures_total', now.writeFailures),
    counter('loki_ingester_wal_truncate_failures_total', now.truncateFailures),
    counter('loki_ingester_wal_corruptions_total', damage.filter((one) => one.kind !== 'torn').length, {
      type: 'segment',
    }),
    counter('loki_ingester_wal_torn_segments_total', damage.filter((one) => one.kind === 'torn').length),
    gauge('loki_ingester_wal_segments', now.segments),
    gauge('loki_ingester_wal_disk_bytes', now.bytesInUse),
    gauge('loki_ingester_wal_spare_segments', now.spares),
  ];
}
