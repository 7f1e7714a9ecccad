import type { ScanOptions, SectionTarget } from '../../planning/physical/node.js';
import { MESSAGE_COLUMN, type SectionReader } from '../../storage/dataobj/types.js';
import type { LogBatch } from '../batch/log-batch.js';
import { BATCH_SIZES } from '../batch/sizes.js';
import { tenantStreams } from '../batch/tenant-streams.js';
import type { ExecutionContext } from '../context.js';
import { type Pipeline, prefetched } from '../pipeline.js';
import type { OlderCopies } from './older-copies.js';
import { pageGroups } from './page-groups.js';
import type { ScanUse } from './scan.js';
import type { SectionColumns } from './section-columns.js';
import { type GroupPages, SectionScan } from './section-scan.js';
import { sectionStreams } from './section-streams.js';
import type { TopKBound } from './top-k.js';

/** Reads the candidate pages of one section: rows of the wanted streams, in the range, that meet the predicates. */
export async function* scanSection(
  target: SectionTarget,
  scan: ScanOptions,
  context: ExecutionContext,
  use: ScanUse,
  copies: OlderCopies,
): Pipeline<LogBatch> {
  const { bound, counting, loads = false } = use;
  const object = await context.openObject(target.location);
  const own = sectionStreams(await object.streams());
  const streams = target.tenant === undefined ? own : tenantStreams(own, target.tenant);
  const reader = await object.section(target.section);
  const section = new SectionScan(target, scan, context, streams, reader, copies);
  if (counting) {
    for (const batch of await section.count(counting)) if (batch.count > 0) yield batch;
  }
  const { fetchBytes } = context.sizes ?? BATCH_SIZES;
  const wantedPages = section.rows.pagesLeft();
  if (wantedPages.length === 0) return;
  const columns = await section.choose(wantedPages, use);
  const groups = pageGroups(wantedPages, reader.pointers, columns, scan.order, fetchBytes);
  // The next pages are being read while those before are worked on.
  for await (const { wanted, pages } of prefetched(fetchGroups(groups, section, columns, reader, context, bound))) {
    const incomplete: LogBatch[] = [];
    for (const page of wanted) {
      const rest = context.rest?.();
      if (rest) await rest;
      context.signal.throwIfAborted();
      if (bound?.excludes(...section.rows.bounds(page))) continue;
      const batch = section.read(page, pages, bound);
      if (batch.count === 0) {
        batch.release();
        continue;
      }
      if (loads || columns.later.length === 0) yield batch;
      else incomplete.push(batch);
    }
    await Promise.all(incomplete.map((batch) => batch.load()));
    for (const batch of incomplete) {
      context.signal.throwIfAborted();
      yield batch;
    }
  }
  const counted = section.countedByShapes();
  if (counted && counted.count > 0) yield counted;
}

interface FetchedGroup {
  readonly wanted: readonly number[];
  readonly pages: GroupPages;
}

async function* fetchGroups(
  groups: readonly number[][],
  section: SectionScan,
  columns: SectionColumns,
  reader: SectionReader,
  { counters }: ExecutionContext,
  bound: TopKBound | undefined,
): Pipeline<FetchedGroup> {
  for (const group of groups) {
    const wanted = group.filter((page) => !bound?.excludes(...section.rows.bounds(page)));
    counters.pagesPruned += group.length - wanted.length;
    if (wanted.length === 0) continue;
    const ascending = [...wanted].sort((a, b) => a - b);
    const fetched = await reader.fetch(columns.first, ascending);
    const shapes = section.shapesOf(ascending, fetched);
    const read = await section.linesRead(ascending, fetched);
    const open = read?.open ?? ascending.filter((page) => (shapes?.get(page)?.open ?? 0) > 0);
    const lines = open.length > 0 ? await reader.fetch([MESSAGE_COLUMN], open) : undefined;
    const left = shapes ? wanted.filter((page) => shapes.has(page)) : wanted;
    yield { wanted: left, pages: { fetched, shapes, read, lines } };
  }
}
