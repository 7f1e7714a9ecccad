import type { PushCounts } from '../actors/distributor/events.js';
import type { IngesterActor } from '../actors/ingester/actor.js';
import type { Patterns } from '../actors/patterns/actor.js';
import type { Scheduler } from '../actors/scheduler/actor.js';
import type { Worker } from '../actors/worker/actor.js';
import type { Metrics, Reading } from './metrics-node.js';

export interface Observed {
  readonly ingester: Pick<IngesterActor, 'observe'>;
  readonly scheduler: Pick<Scheduler, 'observe'>;
  readonly worker: Pick<Worker, 'running'>;
  readonly patterns?: Pick<Patterns, 'observe'>;
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
  { ingester, scheduler, worker, patterns }: Observed,
): (tenant: string, counts: PushCounts) => void {
  exposeIngester(metrics, ingester);
  const { counters } = scheduler.observe();
  const outcomes = (): Reading[] =>
    Object.entries(counters).map(([outcome, value]) => ({ labels: { outcome }, value }));
  metrics.counter('loki_engine_scheduler_task_results_total', 'Tasks by what became of them.', ['outcome'], outcomes);
  metrics.gauge('loki_engine_scheduler_tasks_inflight', 'Tasks queued or running.', [], () => [
    { value: scheduler.observe().tasks },
  ]);
  metrics.gauge('loki_engine_worker_tasks_running', 'Tasks this worker runs.', [], () => [{ value: worker.running }]);
  if (patterns) exposePatterns(metrics, patterns);
  return exposeDistributor(metrics, ingester);
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
  const lines = new Totals();
  const bytes = new Totals();
  const samples = new Totals();
  const discarded = new Totals();
  const ofIngester = (name: string): readonly Reading[] =>
    ingester
      .observe()
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => ({ labels: labels ?? {}, value }));
  metrics.counter(
    'loki_distributor_lines_received_total',
    'The total number of lines received per tenant.',
    ['tenant'],
    lines.read,
  );
  metrics.counter(
    'loki_distributor_bytes_received_total',
    'The total number of uncompressed bytes received per tenant.',
    ['tenant'],
    bytes.read,
  );
  const reasons = ['reason', 'tenant'];
  const both = (own: Totals, name: string) => () => [...own.read(), ...ofIngester(name)];
  metrics.counter(
    'loki_discarded_samples_total',
    'The total number of samples that were discarded.',
    reasons,
    both(samples, 'loki_discarded_samples_total'),
  );
  metrics.counter(
    'loki_discarded_bytes_total',
    'The total number of bytes that were discarded.',
    reasons,
    both(discarded, 'loki_discarded_bytes_total'),
  );
  return (tenant, counts) => {
    lines.add({ tenant }, counts.lines);
    bytes.add({ tenant }, counts.bytes);
    for (const each of counts.discarded) {
      samples.add({ reason: each.reason, tenant }, each.lines);
      discarded.add({ reason: each.reason, tenant }, each.bytes);
    }
  };
}

/**
 * The ingester says itself what it counts; names already taken by the distributor are summed there. What its log counts
 * is known only once the log is open, so it is asked again before every scrape.
 */
function exposeIngester(metrics: Metrics, ingester: Observed['ingester']): void {
  const seen = new Set<string>();
  const readings = (name: string) => (): Reading[] =>
    ingester
      .observe()
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => ({ labels: labels ?? {}, value }));
  const streams = 'loki_ingester_memory_streams';
  metrics.gauge(streams, 'The total number of streams in memory per tenant.', ['tenant'], readings(streams));
  seen.add(streams);
  metrics.beforeScrape(() => {
    for (const { name, kind, labels } of ingester.observe()) {
      if (seen.has(name) || name.startsWith('loki_discarded_')) continue;
      seen.add(name);
      metrics[kind](name, name.replaceAll('_', ' '), labels ? Object.keys(labels) : [], readings(name));
    }
  });
}
