/**
 * The container: `THOR`, sections, metadata, footer `[metadata offset u32][THOR]`. Drawn in docs/format/dataobj.md.
 * What a section's bytes mean is not known here.
 */
import { crc32 } from 'node:zlib';
import type { Nanos } from '../../wire/time.js';
import { CorruptObject, inPlace } from '../corrupt.js';
import { type FieldRecord, type Fields, packFields, unpackFields } from './fields.js';
import { decodeSource, sourceRecord } from './source-fields.js';
import type { ObjectSource, RangeReader } from './types.js';

export const MAGIC = Uint8Array.of(0x54, 0x48, 0x4f, 0x52);
export const FORMAT_VERSION = 1;
export const FOOTER_BYTES = 8;
/** Sections, however many, and the tail of an object must fit; a hostile footer must not make us read more. */
const METADATA_BYTES_MAX = 16 << 20;
/** One read of this size opens most objects, their streams and their indexes. */
const TAIL_BYTES = 64 << 10;

export type SectionType = 'logs' | 'streams' | 'pointers';
const SECTION_TYPES: readonly string[] = ['logs', 'streams', 'pointers'] satisfies SectionType[];

export interface SectionBytes {
  readonly type: SectionType;
  readonly parts: readonly Uint8Array[];
  readonly attributes: FieldRecord;
}

export interface SectionEntry {
  readonly type: SectionType;
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
  readonly attributes: Fields;
}

export interface ContainerHead {
  readonly tenant: string;
  readonly source: ObjectSource;
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly rows: number;
  readonly rawBytes: number;
}

export interface Container extends ContainerHead {
  readonly sections: readonly SectionEntry[];
  /** Reads through to the object; what the opening read fetched is served from memory. */
  readonly reader: RangeReader;
}

export function encodeContainer(head: ContainerHead, sections: readonly SectionBytes[]): Uint8Array<ArrayBuffer> {
  let offset = MAGIC.length;
  const entries = sections.map((section) => {
    const entry = {
      type: section.type,
      offset,
      length: section.parts.reduce((sum, part) => sum + part.length, 0),
      crc: section.parts.reduce((crc, part) => crc32(part, crc), 0),
      attributes: section.attributes,
    };
    offset += entry.length;
    return entry;
  });
  const metadata = packFields({
    version: FORMAT_VERSION,
    ...head,
    source: sourceRecord(head.source),
    sections: entries,
  });
  const object = new Uint8Array(offset + 4 + metadata.length + FOOTER_BYTES);
  const view = new DataView(object.buffer);
  object.set(MAGIC, 0);
  sections.forEach((section, i) => {
    let at = entries[i]!.offset;
    for (const part of section.parts) {
      object.set(part, at);
      at += part.length;
    }
  });
  view.setUint32(offset, crc32(metadata), true);
  object.set(metadata, offset + 4);
  view.setUint32(object.length - FOOTER_BYTES, offset, true);
  object.set(MAGIC, object.length - 4);
  return object;
}

/** Opens a container with one read of its tail (two when its metadata is larger). Throws CorruptObject. */
export async function openContainer(reader: RangeReader, path: string): Promise<Container> {
  const tailReader = await readTail(reader, path);
  const offset = inPlace({ path, part: 'footer' }, () => metadataOffset(tailReader.tail, reader.size));
  const length = reader.size - FOOTER_BYTES - offset;
  const block = await tailReader.read(offset, length);
  const place = { path, part: 'metadata' };
  return inPlace(place, () => {
    const metadata = block.subarray(4);
    if (crc32(metadata) !== new DataView(block.buffer, block.byteOffset).getUint32(0, true)) {
      throw new CorruptObject('checksum mismatch');
    }
    return decodeMetadata(unpackFields(metadata, place), offset, tailReader);
  });
}

interface TailReader extends RangeReader {
  readonly tail: Uint8Array;
}

async function readTail(reader: RangeReader, path: string): Promise<TailReader> {
  if (reader.size < MAGIC.length + FOOTER_BYTES) throw new CorruptObject('shorter than its footer', { path });
  const start = Math.max(0, reader.size - TAIL_BYTES);
  const tail = await reader.read(start, reader.size - start);
  if (tail.length !== reader.size - start) throw new CorruptObject('shorter than its size', { path });
  return {
    tail,
    size: reader.size,
    gapBytes: reader.gapBytes,
    read: async (offset, length) =>
      offset >= start ? tail.subarray(offset - start, offset - start + length) : reader.read(offset, length),
  };
}

function metadataOffset(tail: Uint8Array, size: number): number {
  const footer = new DataView(tail.buffer, tail.byteOffset + tail.length - FOOTER_BYTES, FOOTER_BYTES);
  if (MAGIC.some((byte, i) => footer.getUint8(4 + i) !== byte)) throw new CorruptObject('does not end in THOR');
  const offset = footer.getUint32(0, true);
  const length = size - FOOTER_BYTES - offset;
  if (offset < MAGIC.length || length < 4 || length > METADATA_BYTES_MAX) {
    throw new CorruptObject(`metadata at ${offset} of ${size} bytes`);
  }
  return offset;
}

function decodeMetadata(fields: Fields, end: number, reader: RangeReader): Container {
  const version = fields.count('version');
  if (version !== FORMAT_VERSION) throw new CorruptObject(`version ${version}`);
  return {
    tenant: fields.text('tenant'),
    source: decodeSource(fields.record('source')),
    minTime: fields.nanos('minTime'),
    maxTime: fields.nanos('maxTime'),
    rows: fields.count('rows'),
    rawBytes: fields.count('rawBytes'),
    sections: fields.records('sections').map((section) => decodeEntry(section, end)),
    reader,
  };
}

function decodeEntry(fields: Fields, end: number): SectionEntry {
  const type = fields.text('type');
  if (!SECTION_TYPES.includes(type)) throw new CorruptObject(`section of type ${type}`);
  const offset = fields.count('offset', end);
  return {
    type: type as SectionType,
    offset,
    length: fields.count('length', end - offset),
    crc: fields.count('crc', 0xffffffff),
    attributes: fields.record('attributes'),
  };
}
