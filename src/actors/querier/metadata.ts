import { compileMatchers } from '../../execution/matchers.js';
import type { Matcher } from '../../planning/logql/ast.js';
import { parseSelector } from '../../planning/logql/parser.js';
import type { MetastoreReader } from '../../storage/metastore/types.js';
import { formatLabels, type Labels, labelValue } from '../../wire/labels.js';
import type { LabelsMessage, Reply } from '../../wire/message.js';
import type { MetadataRequest } from '../../wire/query.js';
import { isManyTenants, TENANT_LABEL, tenantsOf, withTenantLabel } from '../../wire/tenant.js';
import type { Resolver } from './resolve.js';
import { selectTenants } from './tenants.js';

/** Answers about streams: names, values, label sets and their sizes; memory and objects together. */
export async function answerMetadata(
  message: LabelsMessage,
  resolver: Resolver,
  metastore: MetastoreReader,
  query: string,
  signal: AbortSignal,
): Promise<Reply> {
  const isMany = isManyTenants(message.request.tenant);
  const selectors = message.request.selectors.map((text) => parseSelector(text));
  const series = await allSeries(
    message,
    selectors.length === 0 ? [[]] : selectors,
    resolver,
    metastore,
    query,
    signal,
  );
  switch (message.what) {
    case 'series':
      return { kind: 'series', series: [...series.values()].map(({ labels }) => labels) };
    case 'labels': {
      const names = [...series.values()].flatMap(({ labels }) => labels.map(([name]) => name));
      return { kind: 'names', names: distinct(isMany ? [...names, TENANT_LABEL] : names) };
    }
    case 'values': {
      if (isMany && message.name === TENANT_LABEL) return { kind: 'names', names: tenantsOf(message.request.tenant) };
      const values = [...series.values()].map(({ labels }) => labelValue(labels, message.name));
      return { kind: 'names', names: distinct(values.filter((value) => value !== '')) };
    }
    case 'stats': {
      const all = [...series.values()];
      const sum = (of: (entry: SeriesEntry) => number): number => all.reduce((total, entry) => total + of(entry), 0);
      return {
        kind: 'stats',
        stats: {
          streams: sum((e) => hoursOf(e, message.request)),
          chunks: sum((e) => e.parts),
          bytes: sum((e) => e.bytes),
          entries: sum((e) => e.rows),
        },
      };
    }
  }
}

interface SeriesEntry {
  readonly labels: Labels;
  minTime: bigint;
  maxTime: bigint;
  rows: number;
  bytes: number;
  /** Objects and memtables the stream is in. */
  parts: number;
}

async function allSeries(
  { request }: LabelsMessage,
  selectors: readonly (readonly Matcher[])[],
  resolver: Resolver,
  metastore: MetastoreReader,
  query: string,
  signal: AbortSignal,
): Promise<Map<string, SeriesEntry>> {
  const { tenant: asked, start, end } = request;
  const range = { start, end };
  const found = new Map<string, SeriesEntry>();
  for (const selector of selectors) {
    for (const { tenant, matchers, shown } of tenantSelectors(asked, selector)) {
      const here = new Map<string, SeriesEntry>();
      for (const { snapshot } of await resolver.live(tenant, { range, matchers }, query, signal)) {
        for (const { streams } of snapshot.memtables) {
          for (const stream of streams) add(here, shown(stream.labels), stream, stream.bytes);
        }
      }
      const { series } = await metastore.series(tenant, range, compileMatchers(matchers));
      for (const stream of series) add(here, shown(stream.labels), stream, stream.messageBytes + stream.metadataBytes);
      for (const [key, entry] of here) if (!found.has(key)) found.set(key, entry);
    }
  }
  return found;
}

/** A selector by tenant, with how the labels of each are shown. */
function tenantSelectors(
  asked: string,
  selector: readonly Matcher[],
): { readonly tenant: string; readonly matchers: readonly Matcher[]; readonly shown: (labels: Labels) => Labels }[] {
  if (!isManyTenants(asked)) return [{ tenant: asked, matchers: selector, shown: (labels) => labels }];
  const { tenants, matchers } = selectTenants(asked, selector);
  return tenants.map((tenant) => ({ tenant, matchers, shown: (labels) => withTenantLabel(labels, tenant) }));
}

type Part = Pick<SeriesEntry, 'minTime' | 'maxTime' | 'rows'>;

function add(series: Map<string, SeriesEntry>, labels: Labels, { minTime, maxTime, rows }: Part, bytes: number): void {
  const key = formatLabels(labels);
  const known = series.get(key);
  if (!known) {
    series.set(key, { labels, minTime, maxTime, rows, bytes, parts: 1 });
    return;
  }
  if (minTime < known.minTime) known.minTime = minTime;
  if (maxTime > known.maxTime) known.maxTime = maxTime;
  known.rows += rows;
  known.bytes += bytes;
  known.parts++;
}

const HOUR_NS = 3_600_000_000_000n;

/** Loki asks its index hour by hour and adds up, so a stream counts once for each hour it has entries in. */
function hoursOf({ minTime, maxTime }: SeriesEntry, { start, end }: MetadataRequest): number {
  const first = minTime > start ? minTime : start;
  const last = maxTime < end ? maxTime : end - 1n;
  return last < first ? 0 : Number(last / HOUR_NS - first / HOUR_NS) + 1;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
