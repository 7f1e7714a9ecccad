/** What is in an object, as plain data for `skald inspect` and for tests of sizes. Reads no page. */
import { crc32 } from 'node:zlib';
import type { Nanos } from '../../wire/time.js';
import type { DataObject } from './object.js';
import type { SectionPointers } from './pointers/pointers.js';
import type { ColumnEncoding, ObjectSource } from './types.js';

export interface ObjectDescription {
  readonly path: string;
  readonly tenant: string;
  readonly source: ObjectSource;
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly storedBytes: number;
  /** Messages plus metadata keys and values. */
  readonly rawBytes: number;
  /** Raw bytes per stored byte. */
  readonly ratio: number;
  readonly rows: number;
  readonly streams: number;
  readonly streamsBytes: number;
  readonly sections: readonly SectionDescription[];
}

export interface SectionDescription {
  readonly section: number;
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly rows: number;
  readonly pages: number;
  readonly runs: number;
  /** The Parquet file. */
  readonly storedBytes: number;
  readonly messageBytes: number;
  readonly columns: readonly ColumnDescription[];
  readonly restKeys: readonly string[];
  readonly pointersBytes: number;
  readonly textFilterBytes: number;
  readonly valueFilterBytes: number;
  readonly countsBytes: number;
}

export interface ColumnDescription {
  readonly name: string;
  readonly encoding: ColumnEncoding;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly nulls: number;
  /** Distinct values, for columns with a dictionary. */
  readonly dictionaryValues: number | undefined;
}

/** Throws CorruptObject. */
export async function describeObject(object: DataObject): Promise<ObjectDescription> {
  const { container, entries } = object;
  const sections = await Promise.all(entries.logs.map((_, section) => describeSection(object, section)));
  return {
    path: object.path,
    tenant: object.tenant,
    source: object.source,
    minTime: container.minTime,
    maxTime: container.maxTime,
    storedBytes: object.size,
    rawBytes: container.rawBytes,
    ratio: container.rawBytes / object.size,
    rows: container.rows,
    streams: (await object.streams()).count,
    streamsBytes: entries.streams.length,
    sections,
  };
}

async function describeSection(object: DataObject, section: number): Promise<SectionDescription> {
  const pointers = await object.pointers(section);
  const { pages, runs, base } = pointers;
  const filters = pointers.filterBytes;
  return {
    section,
    minTime: base,
    maxTime: base + BigInt(pages.maxTime.reduce((max, time) => Math.max(max, time), 0)),
    rows: pointers.rows,
    pages: pages.count,
    runs: runs.stream.length,
    storedBytes: object.entries.logs[section]!.length,
    messageBytes: pages.messageBytes.reduce((sum, bytes) => sum + bytes, 0),
    columns: describeColumns(pointers),
    restKeys: pointers.restKeys,
    pointersBytes: object.entries.pointers[section]!.length,
    textFilterBytes: filters.text,
    valueFilterBytes: filters.values,
    countsBytes: filters.counts,
  };
}

function describeColumns(pointers: SectionPointers): ColumnDescription[] {
  return pointers.columns.map(({ name, encoding, storedBytes, rawBytes, nulls, dictionary }) => ({
    name,
    encoding,
    storedBytes,
    rawBytes,
    nulls,
    dictionaryValues: dictionary?.values,
  }));
}

/** Reads the whole object and names every section whose bytes do not match their checksum. */
export async function verifyObject(object: DataObject): Promise<{ readonly damaged: readonly string[] }> {
  const damaged: string[] = [];
  for (const { type, offset, length, crc } of object.container.sections) {
    const bytes = await object.container.reader.read(offset, length);
    if (bytes.length !== length || crc32(bytes) !== crc) damaged.push(`${type} section at ${offset}`);
  }
  return { damaged };
}
