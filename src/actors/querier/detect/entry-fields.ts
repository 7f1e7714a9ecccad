import { formatLabels, type Labels } from '../../../wire/labels.js';
import type { FieldParser, StreamEntry, StreamResult } from '../../../wire/query.js';
import { LineFields } from './line-fields.js';

/** A field of an entry with its values, of which there is mostly one. */
export interface EntryField {
  readonly name: string;
  readonly values: readonly string[];
  /** Undefined for structured metadata. */
  readonly parser: FieldParser | undefined;
  readonly path: readonly string[];
}

const ERRORS: ReadonlySet<string> = new Set(['__error__', '__error_details__', '__preserve_error__']);
const NO_PATH: readonly string[] = [];

/**
 * The fields of every entry, newest first within a stream and streams in descending order of their labels, as Loki goes
 * through them. Streams are those of a query with categorised labels.
 */
export function* entriesWithFields(streams: readonly StreamResult[]): Generator<EntryField[], void> {
  const lines = new LineFields();
  const keyed = streams.map((stream) => ({ key: formatLabels(stream.labels), ...stream }));
  for (const { labels, entries } of keyed.sort((a, b) => (a.key < b.key ? 1 : -1))) {
    const taken = new Set(labels.map(([name]) => name));
    for (const entry of entries) yield [...metadataFields(entry), ...parsedFields(entry, taken, lines)];
  }
}

function metadataFields({ structuredMetadata = [] }: StreamEntry): EntryField[] {
  return structuredMetadata.map(([name, value]) => ({ name, values: [value], parser: undefined, path: NO_PATH }));
}

/**
 * What the query's own stages made of a line, together with what is found in it. All of these count as found by the parser
 * that reads the line. A field named like a label of the stream is called as the parsers' stages call it.
 */
function parsedFields(
  { line, parsed = [] }: StreamEntry,
  taken: ReadonlySet<string>,
  lines: LineFields,
): Iterable<EntryField> {
  const found = new Map<string, { name: string; values: string[]; parser: FieldParser; path: readonly string[] }>();
  const { parser, fields } = lines.of(line);
  for (const [name, value] of withoutErrors(parsed)) found.set(name, { name, values: [value], parser, path: NO_PATH });
  for (const { name: own, value, path } of fields) {
    const name = taken.has(own) ? `${own}_extracted` : own;
    const known = found.get(name);
    if (known === undefined) found.set(name, { name, values: [value], parser, path });
    else {
      known.path = path;
      if (!known.values.includes(value)) known.values.push(value);
    }
  }
  return found.values();
}

function withoutErrors(labels: Labels): Labels {
  return labels.filter(([name]) => !ERRORS.has(name));
}
