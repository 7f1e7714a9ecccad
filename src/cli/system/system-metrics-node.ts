import type { PushCounts } from '../../actors/distributor/events.js';
import { LINE_TOO_LONG } from '../../actors/distributor/validate.js';
import type { IngesterActor } from '../../actors/ingester/actor.js';
import type { Patterns } from '../../actors/patterns/actor.js';
import type { Scheduler, TenantQueue } from '../../actors/scheduler/actor.js';
import type { Tailer } from '../../actors/tailer/actor.js';
import type { Worker } from '../../actors/worker/actor.js';
import type { ResultCache } from '../../execution/cache/result-cache.js';
import type { CacheCounts } from '../../storage/dataobj/cache-counts.js';
import type { Metrics, Reading } from '../metrics-node.js';
import { INGESTER_METRIC_HELP } from './ingester-metric-help.js';

/** The actors of a process, whichever it has. */
export interface Observed {
  readonly ingester?: Pick<IngesterActor, 'observe'> | undefined;
  readonly scheduler?: Pick<Scheduler, 'observe'> | undefined;
  readonly worker?: Pick<Worker, 'running'> | undefined;
  readonly results?: Pick<ResultCache, 'counts'> | undefined;
  readonly tailer?: Pick<Tailer, 'active'> | undefined;
  readonly patterns?: Pick<Patterns, 'observe'> | undefined;
  /** By who reads: the process's own thread, or those that scan. */
  readonly caches?: Readonly<Record<string, () => CacheCounts>> | undefined;
}

/** Sums by labels. */
class Totals {
  readonly #readings = new Map<string, { labels: Record<string, string>; value: number }>();

  add(labels: Record<string, string>, value: number): void {
    const key = JSON.stringify(labels);
    const known = this.#readings.get(key);
    if (known) known.value += value;
    else this.#readings.set(key, { labels, value });
  }

  readonly read = (): readonly Reading[] => [...this.#readings.values()];
}

/** Registers the metrics of all actors; returns what the distributor calls with each push's counts. */
export function exposeMetrics(
  metrics: Metrics,
  { ingester, scheduler, worker, results, tailer, patterns, caches }: Observed,
): (tenant: string, counts: PushCounts) => void {
  if (ingester) exposeIngester(metrics, ingester);
  if (scheduler) exposeScheduler(metrics, scheduler);
  if (worker) {
    metrics.gauge('loki_engine_worker_tasks_running', 'Tasks this worker runs.', [], () => [{ value: worker.running }]);
  }
  if (results) exposeResultCache(metrics, results);
  if (caches) exposeObjectCaches(metrics, caches);
  if (tailer)
    metrics.gauge('loki_querier_tail_active', 'Number of active tailers.', [], () => [{ value: tailer.active }]);
  if (patterns) exposePatterns(metrics, patterns);
  return exposeDistributor(metrics, ingester);
}

function exposeScheduler(metrics: Metrics, scheduler: Pick<Scheduler, 'observe'>): void {
  const outcomes = (): Reading[] =>
    Object.entries(scheduler.observe().counters).map(([outcome, value]) => ({ labels: { outcome }, value }));
  metrics.counter('loki_engine_scheduler_task_results_total', 'Tasks by what became of them.', ['outcome'], outcomes);
  metrics.gauge('loki_engine_scheduler_tasks_inflight', 'Tasks queued or running.', [], () => [
    { value: scheduler.observe().tasks },
  ]);
  exposeQueues(metrics, scheduler);
}

function exposeQueues(metrics: Metrics, scheduler: Pick<Scheduler, 'observe'>): void {
  const byTenant = (read: (queue: TenantQueue) => number) => (): Reading[] =>
    scheduler.observe().queues.map((queue) => ({ labels: { user: queue.tenant }, value: read(queue) }));
  const queue = 'loki_query_scheduler_queue';
  metrics.gauge(
    `${queue}_length`,
    'Number of queries in the queue.',
    ['user'],
    byTenant(({ waiting }) => waiting),
  );
  metrics.counter(
    'loki_query_scheduler_discarded_requests_total',
    'Total number of query requests discarded.',
    ['user'],
    byTenant(({ refused }) => refused),
  );
  metrics.counter(
    'skald_query_scheduler_queries_total',
    'Queries that were taken into the queue.',
    ['user'],
    byTenant(({ queries }) => queries),
  );
  metrics.counter(
    'skald_query_scheduler_queue_seconds_total',
    'Time from the start of queries to their first scan.',
    ['user'],
    byTenant(({ queueMs }) => queueMs / 1000),
  );
}

function exposeResultCache(metrics: Metrics, results: Pick<ResultCache, 'counts'>): void {
  const total = (what: string, help: string, read: () => number): void =>
    metrics.counter(`skald_result_cache_${what}_total`, help, [], () => [{ value: read() }]);
  total('hits', 'Scans whose result was kept from an earlier one.', () => results.counts().hits);
  total('misses', 'Scans whose result could have been kept and was not there.', () => results.counts().misses);
  total('evictions', 'Results thrown out to make room.', () => results.counts().evicted);
  metrics.gauge('skald_result_cache_bytes', 'Memory of the results kept.', [], () => [
    { value: results.counts().bytes },
  ]);
  metrics.gauge('skald_result_cache_entries', 'Results kept.', [], () => [{ value: results.counts().entries }]);
}

function exposeObjectCaches(metrics: Metrics, caches: Readonly<Record<string, () => CacheCounts>>): void {
  const by = (key: keyof CacheCounts) => (): Reading[] =>
    Object.entries(caches).map(([reader, counts]) => ({ labels: { reader }, value: counts()[key] }));
  const labels = ['reader'];
  const gauge = (name: string, help: string, key: keyof CacheCounts): void =>
    metrics.gauge(`skald_${name}`, help, labels, by(key));
  const counter = (name: string, help: string, key: keyof CacheCounts): void =>
    metrics.counter(`skald_${name}_total`, help, labels, by(key));
  gauge('object_cache_entries', 'Objects that are kept open.', 'objects');
  gauge('object_cache_bytes', 'Memory of what was read of them besides pages.', 'objectBytes');
  counter('object_cache_evictions', 'Objects closed to make room for others.', 'objectsEvicted');
  gauge('page_cache_entries', 'Pages that are kept.', 'pages');
  gauge('page_cache_bytes', 'Memory of the pages kept.', 'pageBytes');
  counter('page_cache_hits', 'Pages looked for that were kept.', 'pageHits');
  counter('page_cache_misses', 'Pages looked for that had to be read.', 'pageMisses');
}

function exposePatterns(metrics: Metrics, patterns: Pick<Patterns, 'observe'>): void {
  for (const { name, kind, help } of patterns.observe()) {
    metrics[kind](name, help, [], () => patterns.observe().filter((metric) => metric.name === name));
  }
}

function exposeDistributor(
  metrics: Metrics,
  ingester: Observed['ingester'],
): (tenant: string, counts: PushCounts) => void {
  /** A total over all pushes; where the ingester counts under the same name, both together. */
  const total = (name: string, help: string, labels: readonly string[]): Totals => {
    const own = new Totals();
    metrics.counter(name, help, labels, () => [...own.read(), ...readingsOf(ingester, name)]);
    return own;
  };
  const tenantOnly = ['tenant'];
  const reasons = ['reason', 'tenant'];
  const received = 'The total number of';
  const lines = total('loki_distributor_lines_received_total', `${received} lines received per tenant.`, tenantOnly);
  const bytes = total(
    'loki_distributor_bytes_received_total',
    `${received} uncompressed bytes received per tenant.`,
    tenantOnly,
  );
  const discardedLines = total('loki_discarded_samples_total', `${received} samples that were discarded.`, reasons);
  const discardedBytes = total('loki_discarded_bytes_total', `${received} bytes that were discarded.`, reasons);
  const mutatedLines = total('loki_mutated_samples_total', `${received} samples that have been mutated.`, reasons);
  const mutatedBytes = total('loki_mutated_bytes_total', `${received} bytes that have been mutated.`, reasons);
  return (tenant, counts) => {
    lines.add({ tenant }, counts.lines);
    bytes.add({ tenant }, counts.bytes);
    for (const each of counts.discarded) {
      discardedLines.add({ reason: each.reason, tenant }, each.lines);
      discardedBytes.add({ reason: each.reason, tenant }, each.bytes);
    }
    if (counts.truncatedLines === 0) return;
    mutatedLines.add({ reason: LINE_TOO_LONG, tenant }, counts.truncatedLines);
    mutatedBytes.add({ reason: LINE_TOO_LONG, tenant }, counts.truncatedBytes);
  };
}

/** What the ingester counts under a name. */
function readingsOf(ingester: Observed['ingester'], name: string): Reading[] {
  return (ingester?.observe() ?? [])
    .filter((sample) => sample.name === name)
    .map(({ labels, value }) => ({ labels: labels ?? {}, value }));
}

/**
 * The ingester says itself what it counts; names already taken by the distributor are summed there. What its log counts
 * is known only once the log is open, so it is asked again before every scrape.
 */
function exposeIngester(metrics: Metrics, ingester: Pick<IngesterActor, 'observe'>): void {
  const seen = new Set<string>();
  const readings = (name: string) => (): Reading[] => readingsOf(ingester, name);
  const streams = 'loki_ingester_memory_streams';
  metrics.gauge(streams, 'The total number of streams in memory per tenant.', ['tenant'], readings(streams));
  seen.add(streams);
  metrics.beforeScrape(() => {
    for (const { name, kind, labels } of ingester.observe()) {
      if (seen.has(name) || name.startsWith('loki_discarded_')) continue;
      seen.add(name);
      metrics[kind](name, INGESTER_METRIC_HELP[name] ?? name, labels ? Object.keys(labels) : [], readings(name));
    }
  });
}
