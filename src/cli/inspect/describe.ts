/** What a data object holds, as plain data: for printing and for JSON. */
import { crc32 } from 'node:zlib';
import { type DataObject, openObject } from '../../storage/dataobj/object.js';
import type { RangeReader } from '../../storage/dataobj/types.js';
import { formatLabels } from '../../wire/labels.js';
import { formatRfc3339Nano } from '../../wire/time.js';

export interface ObjectDescription {
  readonly path: string;
  readonly bytes: number;
  readonly tenant: string;
  readonly writer: string;
  /** First and last sequence number of the writer's log that the object makes durable. */
  readonly sequence: readonly [from: number, to: number];
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  /** Lines and metadata before encoding. */
  readonly rawBytes: number;
  readonly parts: readonly PartDescription[];
  readonly sections: readonly SectionDescription[];
  /** Most rows first. */
  readonly streams: readonly StreamDescription[];
}

export interface PartDescription {
  readonly type: string;
  readonly offset: number;
  readonly bytes: number;
  readonly checksum: 'ok' | 'wrong';
}

export interface SectionDescription {
  readonly section: number;
  readonly rows: number;
  readonly pages: number;
  readonly from: string;
  readonly to: string;
  readonly columns: readonly ColumnDescription[];
}

export interface ColumnDescription {
  readonly name: string;
  readonly encoding: string;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly nulls: number;
}

export interface StreamDescription {
  readonly labels: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Reads everything but the pages, and checks every checksum. Throws CorruptObject. */
export async function describeObject(reader: RangeReader, path: string): Promise<ObjectDescription> {
  const object = await openObject(reader, path);
  const { tenant, source, minTime, maxTime, rows, rawBytes } = object.container;
  return {
    path,
    bytes: reader.size,
    tenant,
    writer: source.writer,
    sequence: [source.fromSeq, source.toSeq],
    from: formatRfc3339Nano(minTime),
    to: formatRfc3339Nano(maxTime),
    rows,
    rawBytes,
    parts: await describeParts(object),
    sections: await Promise.all(Array.from({ length: object.sections }, (_, i) => describeSection(object, i))),
    streams: await describeStreams(object),
  };
}

async function describeParts({ container }: DataObject): Promise<PartDescription[]> {
  const parts: PartDescription[] = [];
  // One after another: a section may be large, and only one is needed in memory.
  for (const { type, offset, length, crc } of container.sections) {
    const intact = crc32(await container.reader.read(offset, length)) === crc;
    parts.push({ type, offset, bytes: length, checksum: intact ? 'ok' : 'wrong' });
  }
  return parts;
}

async function describeSection(object: DataObject, section: number): Promise<SectionDescription> {
  const { base, rows, pages, columns } = await object.pointers(section);
  const times = (column: Float64Array, pick: (...values: number[]) => number): string =>
    formatRfc3339Nano(base + BigInt(column.reduce((a, b) => pick(a, b))));
  return {
    section,
    rows,
    pages: pages.count,
    from: times(pages.minTime, Math.min),
    to: times(pages.maxTime, Math.max),
    columns: columns.map(({ name, encoding, storedBytes, rawBytes, nulls }) => ({
      name,
      encoding,
      storedBytes,
      rawBytes,
      nulls,
    })),
  };
}

async function describeStreams(object: DataObject): Promise<StreamDescription[]> {
  const streams = await object.streams();
  return Array.from({ length: streams.count }, (_, id) => ({
    labels: formatLabels(streams.labels(id)),
    rows: streams.rows[id]!,
    bytes: streams.messageBytes[id]! + streams.metadataBytes[id]!,
  })).sort((a, b) => b.rows - a.rows);
}
