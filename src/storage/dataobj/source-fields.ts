/** The source of an object as a record: the same in its metadata and in the table of contents. */
import type { OriginRanges } from '../../wire/batch-copy.js';
import { CorruptObject } from '../corrupt.js';
import type { FieldRecord, Fields } from './fields.js';
import type { ObjectSource } from './types.js';

export function sourceRecord({ writer, fromSeq, toSeq, copies = [] }: ObjectSource): FieldRecord {
  const source = { writer, fromSeq, toSeq };
  if (copies.length === 0) return source;
  return { ...source, copies: copies.map(({ origin, ranges }) => ({ origin, ranges: ranges.flat() })) };
}

/** Throws CorruptObject. */
export function decodeSource(fields: Fields): ObjectSource {
  const source = { writer: fields.text('writer'), fromSeq: fields.count('fromSeq'), toSeq: fields.count('toSeq') };
  return fields.has('copies') ? { ...source, copies: fields.records('copies').map(decodeCopies) } : source;
}

/** Ranges that are not disjoint and ascending would be searched in vain. */
function decodeCopies(fields: Fields): OriginRanges {
  const bounds = fields.counts('ranges');
  const ranges: [number, number][] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    const [from, to] = [bounds[i]!, bounds[i + 1] ?? -1];
    if (to < from || (i > 0 && from <= bounds[i - 1]!))
      throw new CorruptObject('copies: not disjoint ascending ranges');
    ranges.push([from, to]);
  }
  return { origin: fields.text('origin'), ranges };
}
