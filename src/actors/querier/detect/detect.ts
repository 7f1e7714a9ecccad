import { formatBytes, parseBytes } from '../../../wire/bytesize.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import type { DetectedField, FieldParser, StreamResult } from '../../../wire/query.js';
import { type EntryField, entriesWithFields } from './entry-fields.js';
import { fieldType } from './field-type.js';

/**
 * Fields in the entries of a query with categorised labels, by name: the first `limit` that come. As in Loki, the last
 * value decides the type of a field.
 */
export function detectFields(streams: readonly StreamResult[], limit: number): DetectedField[] {
  const found = new Map<string, Found>();
  for (const fields of entriesWithFields(streams)) {
    for (const field of fields) {
      if (found.size >= limit && !found.has(field.name)) continue;
      add(getOrCreate(found, field.name, newField), field);
    }
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, { values, last, parsers, jsonPath }]) => ({
      ...{ label, type: fieldType(last), cardinality: values.size, parsers: [...parsers].sort(), jsonPath },
    }));
}

interface Found {
  readonly values: Set<string>;
  last: string;
  readonly parsers: Set<FieldParser>;
  jsonPath: readonly string[];
}

function newField(): Found {
  return { values: new Set(), last: '', parsers: new Set(), jsonPath: [] };
}

function add(found: Found, { values, parser, path }: EntryField): void {
  for (const value of values) found.values.add(value);
  found.last = values[0]!;
  if (parser !== undefined) found.parsers.add(parser);
  if (path.length > 0) found.jsonPath = path;
}

/** The first `limit` values of a field, sorted. Sizes found in lines are written so that a query may compare with them. */
export function detectValues(streams: readonly StreamResult[], name: string, limit: number): string[] {
  const found = new Set<string>();
  for (const fields of entriesWithFields(streams)) {
    for (const field of fields) {
      if (field.name !== name) continue;
      for (const value of field.values) found.add(field.parser === undefined ? value : comparable(value));
    }
    if (found.size >= limit) break;
  }
  return [...found].slice(0, limit).sort();
}

/** LogQL has no spaces or commas in sizes: `1,024 KiB` is `1.0MB`, as Loki writes it. Numbers stay as they are. */
function comparable(value: string): string {
  return /[a-z]$/i.test(value) && fieldType(value) === 'bytes'
    ? formatBytes(parseBytes(value)).replace(' ', '')
    : value;
}
