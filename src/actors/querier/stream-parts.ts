import { compileMatchers } from '../../execution/matchers.js';
import { type TenantSelector, tenantSelectors } from '../../execution/tenants.js';
import type { Matcher } from '../../planning/logql/ast.js';
import type { DamagedObject, MetastoreReader } from '../../storage/metastore/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import { labelsKey } from '../../wire/labels-key.js';
import type { TimeRange } from '../../wire/time.js';
import type { Resolver } from './resolve.js';

/** What one object or memtable holds of a stream. Times are inclusive; bytes are those of the lines. */
export interface StreamPart {
  readonly minTime: bigint;
  readonly maxTime: bigint;
  readonly rows: number;
  readonly bytes: number;
}

/** A stream and where it lies: one part for each object and memtable that may have entries of it in the range. */
export interface PartedStream {
  readonly labels: Labels;
  readonly parts: readonly StreamPart[];
}

/** Where to look streams up, and for which query. */
export interface StreamSources {
  readonly resolver: Resolver;
  readonly metastore: MetastoreReader;
  readonly query: string;
  readonly signal: AbortSignal;
  /** Looking up adds what could not be read. */
  readonly damaged: DamagedObject[];
}

/**
 * Streams that any of the selectors means, of memory and objects together, in no order. `detail`: with `series` all
 * objects are one part, which is less to gather where parts do not matter.
 */
export async function streamsOf(
  asked: string,
  range: TimeRange,
  selectors: readonly (readonly Matcher[])[],
  sources: StreamSources,
  detail: 'series' | 'parts',
): Promise<PartedStream[]> {
  const found = new Map<string, PartedStream>();
  for (const selector of selectors) {
    const here = new Map<string, Growing>();
    for (const each of tenantSelectors(asked, selector)) await addStreams(here, each, range, sources, detail);
    for (const [key, stream] of here) if (!found.has(key)) found.set(key, stream);
  }
  return [...found.values()];
}

interface Growing extends PartedStream {
  readonly parts: StreamPart[];
}

async function addStreams(
  found: Map<string, Growing>,
  { tenant, matchers, shown }: TenantSelector,
  range: TimeRange,
  { resolver, metastore, query, signal, damaged }: StreamSources,
  detail: 'series' | 'parts',
): Promise<void> {
  const add = (own: Labels, part: StreamPart): void => {
    const labels = shown(own);
    getOrCreate(found, labelsKey(labels), () => ({ labels, parts: [] })).parts.push(part);
  };
  for (const { snapshot } of await resolver.live(tenant, { range, matchers }, query, signal)) {
    for (const { streams } of snapshot.memtables) for (const stream of streams) add(stream.labels, stream);
  }
  const stored = await metastore[detail](tenant, range, compileMatchers(matchers));
  damaged.push(...stored.damaged);
  for (const stream of stored.series) add(stream.labels, { ...stream, bytes: stream.messageBytes });
}

/**
 * The share of a part that lies in a range, 0 to 1: entries are taken to be spread evenly over a part's time, as Loki
 * takes those of a chunk. Undefined where no entry of it can be in the range.
 */
export function shareOf({ minTime, maxTime }: StreamPart, { start, end }: TimeRange): number | undefined {
  if (minTime >= end || maxTime < start) return undefined;
  if (minTime >= start && maxTime < end) return 1;
  const first = minTime > start ? minTime : start;
  const last = maxTime < end ? maxTime : end;
  return Number(last - first) / Number(maxTime - minTime);
}
