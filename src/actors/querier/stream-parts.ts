import { compileMatchers } from '../../execution/matchers.js';
import { type TenantSelector, tenantSelectors } from '../../execution/tenants.js';
import type { Matcher } from '../../planning/logql/ast.js';
import type { DamagedObject, MetastoreReader } from '../../storage/metastore/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import { labelsKey } from '../../wire/labels-key.js';
import type { LiveMemtable, LiveStream } from '../../wire/messages/live.js';
import type { TimeRange } from '../../wire/time.js';
import type { LiveMemory } from './live-memory.js';
import type { LookUp, Resolver } from './resolve.js';

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
  readonly look: LookUp;
  /** Looking up adds what could not be read. */
  readonly damaged: DamagedObject[];
  /** And why streams may be missing, each reason once. */
  readonly warnings: Set<string>;
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
  { resolver, metastore, look, damaged, warnings }: StreamSources,
  detail: 'series' | 'parts',
): Promise<void> {
  const add = (own: Labels, part: StreamPart): void => {
    const labels = shown(own);
    getOrCreate(found, labelsKey(labels), () => ({ labels, parts: [] })).parts.push(part);
  };
  const { live, warnings: missing } = await resolver.live(tenant, { range, matchers }, look);
  for (const reason of missing) warnings.add(reason);
  for (const { streams } of countedMemory(live)) for (const stream of streams) add(stream.labels, stream);
  const stored = await metastore[detail](tenant, range, compileMatchers(matchers));
  damaged.push(...stored.damaged);
  for (const stream of stored.series) add(stream.labels, { ...stream, bytes: stream.messageBytes });
}

/**
 * Memory without the copies of it that several hold of an owner: of each of its streams those of one holder count, who has
 * most. Exact where all it had of a stream went to the same replicas.
 */
export function countedMemory(live: LiveMemory['live']): Pick<LiveMemtable, 'streams'>[] {
  const own: LiveMemtable[] = [];
  const most = new Map<string, LiveStream>();
  for (const { snapshot } of live) {
    for (const memtable of snapshot.memtables) {
      if (memtable.held === undefined) own.push(memtable);
      else for (const stream of memtable.streams) keepLarger(most, `${memtable.held} ${stream.key}`, stream);
    }
  }
  return most.size === 0 ? own : [...own, { streams: [...most.values()] }];
}

function keepLarger(streams: Map<string, LiveStream>, key: string, stream: LiveStream): void {
  const known = streams.get(key);
  if (!known || stream.rows > known.rows) streams.set(key, stream);
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
