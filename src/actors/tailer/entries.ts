import { labelsAt, pairsOf } from '../../execution/batch/pair-lists.js';
import type { RowsTable } from '../../execution/batch/rows-table.js';
import { labelsFromKey } from '../../execution/batch/sample-batch.js';
import type { Labels } from '../../wire/labels.js';
import type { StreamEntry, StreamResult } from '../../wire/query.js';

/**
 * How the labels of an entry are shown: by category, all together, or, as Loki does for queries that are nothing but a
 * selector, those of the stream alone.
 */
export type LabelStyle = 'categorized' | 'merged' | 'stream-only';

/** Every row as a stream of one entry, in the order of the tables. */
export function entriesOfTables(tables: readonly RowsTable[], style: LabelStyle): StreamResult[] {
  return tables.flatMap((table) => {
    const label = table.label.values.map(labelsFromKey);
    const metadata = pairsOf(table.metadata);
    const parsed = pairsOf(table.parsed);
    const { offsets, bytes } = table.text;
    return Array.from({ length: table.rows }, (_, row) =>
      single(
        label[table.label.ids[row]!]!,
        {
          time: table.times[row]!,
          line: bytes.utf8Slice(offsets[row]!, offsets[row + 1]!),
          structuredMetadata: labelsAt(table.metadata, metadata, row),
          parsed: labelsAt(table.parsed, parsed, row),
        },
        style,
      ),
    );
  });
}

/** The entries of an answer with categorised labels, oldest first. */
export function entriesOfAnswer(streams: readonly StreamResult[], style: LabelStyle): StreamResult[] {
  const all = streams.flatMap(({ labels, entries }) =>
    // Those of one time came in the reverse of their order.
    entries.toReversed().map((entry) => single(labels, entry, style)),
  );
  return all.sort(byTime);
}

export function byTime(a: StreamResult, b: StreamResult): number {
  const before = a.entries[0]!.time;
  const after = b.entries[0]!.time;
  return before < after ? -1 : before > after ? 1 : 0;
}

function single(labels: Labels, entry: StreamEntry, style: LabelStyle): StreamResult {
  if (style === 'categorized') return { labels, entries: [entry] };
  const { time, line, structuredMetadata = [], parsed = [] } = entry;
  return {
    labels: style === 'merged' ? merged(labels, structuredMetadata, parsed) : labels,
    entries: [{ time, line }],
  };
}

function merged(labels: Labels, metadata: Labels, parsed: Labels): Labels {
  if (metadata.length === 0 && parsed.length === 0) return labels;
  return [...labels, ...metadata, ...parsed].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
