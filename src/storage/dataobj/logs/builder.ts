/**
 * Builds a data object from entries batches: order the rows, cut them into pages and sections, encode. Pure; it runs on
 * worker threads, since nothing in it yields.
 */
import type { Labels } from '../../../wire/labels.js';
import { encodeContainer, type SectionBytes } from '../container.js';
import { encodeStreams } from '../streams/encode.js';
import type { BuildInput, BuildSettings, BuiltObject, SectionSummary } from '../types.js';
import { cutRows } from './cut.js';
import { type OrderedRows, orderRows } from './order.js';
import { collectRows, type Rows } from './rows.js';
import { encodeSection, type SectionInput } from './section.js';

/**
 * Rows outside the window are left out; with none left the object has no logs section but still says which part of the
 * writer's log it covers. Throws RangeError for a window longer than 2^52 ns.
 */
export function buildLogsObject(input: BuildInput, settings: BuildSettings): BuiltObject {
  const { section, ordered, labels } = gatherRows(input, settings);
  const { rows } = section;
  const cuts = cutRows(ordered, settings);
  const parts: SectionBytes[] = [];
  const pointers: SectionBytes[] = [];
  const summaries: SectionSummary[] = [];
  for (let s = 0; s + 1 < cuts.sectionStarts.length; s++) {
    const starts = cuts.pageStarts.slice(cuts.sectionStarts[s]!, cuts.sectionStarts[s + 1]! + 1);
    const encoded = encodeSection(section, s, starts);
    const { bytes, ...head } = encoded.pointers;
    summaries.push(encoded.summary);
    parts.push({ type: 'logs', parts: encoded.logs, attributes: { ...encoded.summary } });
    pointers.push({ type: 'pointers', parts: [bytes], attributes: { section: s, ...head } });
  }
  parts.push(streamsPart(section, labels, settings), ...pointers);
  const head = {
    tenant: input.tenant,
    source: input.source,
    minTime: summaries[0]?.minTime ?? input.window.start,
    maxTime: summaries.at(-1)?.maxTime ?? input.window.start,
    rows: rows.count,
    rawBytes: total(rows.messageBytes) + total(rows.metadataBytes),
  };
  const bytes = encodeContainer(head, parts);
  return { bytes, summary: { ...head, size: bytes.length, streams: labels.length, sections: summaries } };
}

export interface GatheredRows {
  readonly section: SectionInput;
  readonly ordered: OrderedRows;
  /** Of each stream. */
  readonly labels: readonly Labels[];
}

export function gatherRows(input: BuildInput, settings: BuildSettings): GatheredRows {
  const { rows: arrived, keyCounts, labels } = collectRows(input);
  const ordered = orderRows(arrived, input.batches, settings.bucketBytes);
  const section: SectionInput = {
    rows: ordered.rows,
    metadataKeys: columnKeys(keyCounts, settings.metadataColumnsMax),
    labelNames: new Set(labels.flatMap((pairs) => pairs.map(([name]) => name))),
    batches: input.batches,
    windowStart: input.window.start,
    settings,
  };
  return { section, ordered, labels };
}

/** The most frequent keys, which get a column of their own. */
function columnKeys(counts: ReadonlyMap<string, number>, columnsMax: number): ReadonlyMap<string, number> {
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return new Map(byCount.slice(0, columnsMax));
}

function streamsPart(input: SectionInput, labels: readonly Labels[], settings: BuildSettings): SectionBytes {
  const { rows, windowStart } = input;
  const { bytes, ...attributes } = encodeStreams(
    { labels, rows, windowStart, baseOffset: minTime(rows) },
    settings.zstdLevel,
  );
  return { type: 'streams', parts: [bytes], attributes };
}

function minTime(rows: Rows): number {
  let min = rows.count > 0 ? rows.time[0]! : 0;
  for (let i = 1; i < rows.count; i++) if (rows.time[i]! < min) min = rows.time[i]!;
  return min;
}

function total(values: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
