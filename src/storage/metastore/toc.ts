/**
 * A table of contents: the objects of one tenant and window, as one small object that is replaced whole. Drawn in
 * docs/format/toc.md.
 */
import { crc32 } from 'node:zlib';
import type { Nanos } from '../../wire/time.js';
import { CorruptObject, inPlace } from '../corrupt.js';
import { type FieldRecord, type Fields, packFields, unpackFields } from '../dataobj/fields.js';
import { decodeSource, sourceRecord } from '../dataobj/source-fields.js';
import { compress, decompress } from '../zstd.js';
import type { TocEntry } from './types.js';
import { parseWindowName, windowName } from './window.js';

const MAGIC = 0x434f5448; // "HTOC" read as u32
const VERSION = 1;
const HEADER_BYTES = 12;
const TOC_BYTES_MAX = 1 << 26;
const ZSTD_LEVEL = 3;

/** A folder of tables for each tenant. */
export const TOCS_FOLDER = 'tocs';

export function tocFolder(tenant: string): string {
  return `${TOCS_FOLDER}/${tenant}`;
}

export function tocPath(tenant: string, window: Nanos): string {
  return `${tocFolder(tenant)}/${windowName(window)}.toc`;
}

/** The window of a name listed in `tocFolder`; undefined for anything that is no table of contents. */
export function tocWindow(path: string): Nanos | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.endsWith('.toc') ? parseWindowName(name.slice(0, -4)) : undefined;
}

export function encodeToc(entries: readonly TocEntry[]): Uint8Array {
  const body = packFields({ version: VERSION, entries: entries.map(entryRecord) });
  const packed = compress(body, ZSTD_LEVEL);
  const out = new Uint8Array(HEADER_BYTES + packed.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, crc32(packed), true);
  view.setUint32(8, body.length, true);
  out.set(packed, HEADER_BYTES);
  return out;
}

/** Throws CorruptObject. */
export function decodeToc(bytes: Uint8Array, path: string): TocEntry[] {
  const place = { path, part: 'toc' };
  return inPlace(place, () => {
    if (bytes.length < HEADER_BYTES) throw new CorruptObject('shorter than its header');
    const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
    const packed = bytes.subarray(HEADER_BYTES);
    if (view.getUint32(0, true) !== MAGIC) throw new CorruptObject('not a table of contents');
    if (view.getUint32(4, true) !== crc32(packed)) throw new CorruptObject('checksum mismatch');
    const size = view.getUint32(8, true);
    if (size > TOC_BYTES_MAX) throw new CorruptObject(`${size} bytes`);
    const fields = unpackFields(decompress(packed, size), place);
    if (fields.count('version') !== VERSION) throw new CorruptObject(`version ${fields.count('version')}`);
    return fields.records('entries').map(decodeEntry);
  });
}

function entryRecord(entry: TocEntry): FieldRecord {
  return { ...entry, source: sourceRecord(entry.source), sections: entry.sections.map((section) => ({ ...section })) };
}

function decodeEntry(fields: Fields): TocEntry {
  return {
    path: fields.text('path'),
    size: fields.count('size'),
    minTime: fields.nanos('minTime'),
    maxTime: fields.nanos('maxTime'),
    rows: fields.count('rows'),
    rawBytes: fields.count('rawBytes'),
    sections: fields.records('sections').map((section) => ({
      index: section.count('index'),
      minTime: section.nanos('minTime'),
      maxTime: section.nanos('maxTime'),
      rows: section.count('rows'),
      bytes: section.count('bytes'),
    })),
    source: decodeSource(fields.record('source')),
    created: fields.count('created'),
  };
}
