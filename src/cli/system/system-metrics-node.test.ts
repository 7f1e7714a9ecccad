import { beforeEach, describe, expect, it } from 'vitest';
import { task, workflow } from '../../../test/support/scheduler.js';
import { endless, Workflows } from '../../../test/support/workflows.js';
import { type MetricSample, observe } from '../../actors/ingester/observe.js';
import { loadFingerprint } from '../../actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS } from '../../actors/ingester/settings.js';
import { initialState } from '../../actors/ingester/state.js';
import { NOTHING_CACHED } from '../../storage/dataobj/cache-counts.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { Metrics } from '../metrics-node.js';
import { exposeMetrics } from './system-metrics-node.js';

const fingerprint = await loadFingerprint();
const NOTHING_TRUNCATED = { truncatedLines: 0, truncatedBytes: 0 };

let metrics: Metrics;
let system: Workflows;
let extra: MetricSample[];
let counts: ReturnType<typeof exposeMetrics>;

beforeEach(() => {
  metrics = new Metrics();
  system = new Workflows({ endless });
  extra = [];
  const state = initialState(
    { ...DEFAULT_INGESTER_SETTINGS, instance: '0' },
    { limits: () => DEFAULT_LIMITS, fingerprint, life: '' },
  );
  const ingester = { observe: () => [...observe(state), ...extra] };
  counts = exposeMetrics(metrics, {
    ingester,
    scheduler: system.scheduler,
    worker: system.workers[0]!,
    tailer: { active: 3 },
    caches: { main: () => ({ ...NOTHING_CACHED, pageHits: 7 }), threads: () => NOTHING_CACHED },
  });
});

const lines = async (): Promise<string[]> => (await metrics.text()).text.split('\n');

describe('the metrics of a server', () => {
  it('have the names Loki gives them', async () => {
    const { text, contentType } = await metrics.text();
    expect(contentType).toContain('version=0.0.4');
    for (const [name, kind] of [
      ['loki_request_duration_seconds', 'histogram'],
      ['loki_distributor_lines_received_total', 'counter'],
      ['loki_distributor_bytes_received_total', 'counter'],
      ['loki_discarded_samples_total', 'counter'],
      ['loki_discarded_bytes_total', 'counter'],
      ['loki_ingester_memory_streams', 'gauge'],
      ['loki_ingester_memory_chunks', 'gauge'],
      ['loki_ingester_streams_created_total', 'counter'],
      ['loki_ingester_streams_removed_total', 'counter'],
      ['loki_ingester_chunks_flushed_total', 'counter'],
      ['loki_ingester_flush_queue_length', 'gauge'],
      ['loki_engine_scheduler_task_results_total', 'counter'],
      ['loki_engine_scheduler_tasks_inflight', 'gauge'],
    ]) {
      expect(text).toContain(`# TYPE ${name} ${kind}\n`);
    }
  });

  it('count requests by route, method and status', async () => {
    metrics.request('loki_api_v1_push', 'POST', 204, 0.02);
    expect(await lines()).toContain(
      'loki_request_duration_seconds_count{method="POST",route="loki_api_v1_push",status_code="204"} 1',
    );
  });

  it('add up what each tenant pushed and what was discarded, here and in the ingester', async () => {
    counts('t', {
      ...NOTHING_TRUNCATED,
      lines: 3,
      bytes: 30,
      discarded: [{ reason: 'line_too_long', lines: 1, bytes: 9 }],
    });
    counts('t', {
      ...NOTHING_TRUNCATED,
      lines: 2,
      bytes: 20,
      discarded: [{ reason: 'line_too_long', lines: 1, bytes: 1 }],
    });
    const labels = { reason: 'stream_limit', tenant: 't' };
    extra = [
      { name: 'loki_discarded_samples_total', kind: 'counter', value: 7, labels },
      { name: 'loki_discarded_bytes_total', kind: 'counter', value: 70, labels },
    ];
    for (let scrape = 0; scrape < 2; scrape++) {
      const all = await lines();
      expect(all).toContain('loki_distributor_lines_received_total{tenant="t"} 5');
      expect(all).toContain('loki_distributor_bytes_received_total{tenant="t"} 50');
      expect(all).toContain('loki_discarded_samples_total{reason="line_too_long",tenant="t"} 2');
      expect(all).toContain('loki_discarded_samples_total{reason="stream_limit",tenant="t"} 7');
      expect(all).toContain('loki_discarded_bytes_total{reason="line_too_long",tenant="t"} 10');
      expect(all).toContain('loki_discarded_bytes_total{reason="stream_limit",tenant="t"} 70');
    }
  });

  it('add up what was cut off from lines that were too long', async () => {
    const counted = { lines: 1, bytes: 10, discarded: [] };
    counts('t', { ...counted, ...NOTHING_TRUNCATED });
    expect((await lines()).filter((line) => line.startsWith('loki_mutated_samples_total{'))).toEqual([]);
    for (let push = 0; push < 2; push++) counts('t', { ...counted, truncatedLines: 2, truncatedBytes: 5 });
    const all = await lines();
    expect(all).toContain('loki_mutated_samples_total{reason="line_too_long",tenant="t"} 4');
    expect(all).toContain('loki_mutated_bytes_total{reason="line_too_long",tenant="t"} 10');
  });

  it('show streams by tenant, and forget tenants that have none', async () => {
    const streams = { name: 'loki_ingester_memory_streams', kind: 'gauge', value: 4, labels: { tenant: 't' } } as const;
    extra = [streams];
    expect(await lines()).toContain('loki_ingester_memory_streams{tenant="t"} 4');
    extra = [];
    expect((await metrics.text()).text).not.toContain('loki_ingester_memory_streams{');
  });

  it('show what the ingester counts only once its log is open', async () => {
    await metrics.text();
    extra = [
      { name: 'loki_ingester_wal_records_logged_total', kind: 'counter', value: 8 },
      { name: 'loki_ingester_wal_corruptions_total', kind: 'counter', value: 2, labels: { type: 'segment' } },
    ];
    for (let scrape = 0; scrape < 2; scrape++) {
      const all = await lines();
      expect(all).toContain('loki_ingester_wal_records_logged_total 8');
      expect(all).toContain('loki_ingester_wal_corruptions_total{type="segment"} 2');
    }
  });

  it('show what is kept of objects, by who reads them', async () => {
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'skald_page_cache_hits_total{reader="main"} 7',
        'skald_page_cache_hits_total{reader="threads"} 0',
        'skald_object_cache_bytes{reader="threads"} 0',
      ]),
    );
  });

  it('show what the query engine does', async () => {
    system.start(workflow('w', [task('root', { fragment: 'endless' })]));
    await system.settle();
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'loki_engine_scheduler_tasks_inflight 1',
        'loki_engine_worker_tasks_running 1',
        'loki_querier_tail_active 3',
      ]),
    );
    system.cancel('w');
    await system.settle();
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'loki_engine_scheduler_tasks_inflight 0',
        'loki_engine_scheduler_task_results_total{outcome="cancelled"} 1',
      ]),
    );
  });
});
