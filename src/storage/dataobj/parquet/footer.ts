/** The Parquet file around a section's column chunks: magic, one row group, Thrift footer (by hyparquet-writer). */

import type { Encoding, FileMetaData, SchemaElement, Statistics } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { ByteParts } from '../byte-sink.js';
import type { ColumnEncoding } from '../types.js';

export const PARQUET_MAGIC = Uint8Array.of(0x50, 0x41, 0x52, 0x31); // PAR1
const CREATED_BY = 'skald';

export type ColumnType = 'int32' | 'int64' | 'timestamp' | 'text';

export interface ColumnChunk {
  readonly name: string;
  readonly type: ColumnType;
  readonly optional: boolean;
  readonly encoding: ColumnEncoding;
  /** Dictionary page (if any) and data pages, in file order. */
  readonly bytes: ByteParts;
  /** Sum of all pages before compression, headers included. */
  readonly rawBytes: number;
  /** Bytes of the dictionary page at the start of the chunk, 0 without one. */
  readonly dictionaryBytes: number;
  readonly nulls: number;
  readonly min?: bigint | number;
  readonly max?: bigint | number;
}

const PHYSICAL_TYPES = { int32: 'INT32', int64: 'INT64', timestamp: 'INT64', text: 'BYTE_ARRAY' } as const;

const PARQUET_ENCODINGS: Record<ColumnEncoding, Encoding[]> = {
  'delta-int32': ['DELTA_BINARY_PACKED', 'RLE'],
  'delta-int64': ['DELTA_BINARY_PACKED', 'RLE'],
  'delta-length': ['DELTA_LENGTH_BYTE_ARRAY', 'RLE'],
  dictionary: ['RLE_DICTIONARY', 'PLAIN', 'RLE'],
};

/** Footer bytes including their length and the closing magic, for chunks laid out one after another behind the opening magic. */
export function encodeFooter(rows: number, chunks: readonly ColumnChunk[], facts: Record<string, string>): Uint8Array {
  const writer = new ByteWriter();
  writeMetadata(writer, fileMetadata(rows, chunks, facts));
  writer.appendBytes(PARQUET_MAGIC);
  return writer.getBytes();
}

function fileMetadata(rows: number, chunks: readonly ColumnChunk[], facts: Record<string, string>): FileMetaData {
  let offset = PARQUET_MAGIC.length;
  const columns = chunks.map((chunk) => {
    const column = columnChunk(chunk, rows, offset);
    offset += chunk.bytes.length;
    return column;
  });
  const stored = offset - PARQUET_MAGIC.length;
  return {
    version: 2,
    schema: [{ name: 'logs', num_children: chunks.length, repetition_type: 'REQUIRED' }, ...chunks.map(schemaElement)],
    num_rows: BigInt(rows),
    row_groups: [
      {
        columns,
        total_byte_size: BigInt(chunks.reduce((sum, chunk) => sum + chunk.rawBytes, 0)),
        num_rows: BigInt(rows),
        file_offset: BigInt(PARQUET_MAGIC.length),
        total_compressed_size: BigInt(stored),
      },
    ],
    key_value_metadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
    created_by: CREATED_BY,
    metadata_length: 0,
  };
}

function schemaElement(chunk: ColumnChunk): SchemaElement {
  const base = { name: chunk.name, repetition_type: chunk.optional ? 'OPTIONAL' : 'REQUIRED' } as const;
  switch (chunk.type) {
    case 'int32':
      return { ...base, type: 'INT32' };
    case 'int64':
      return { ...base, type: 'INT64' };
    case 'timestamp':
      return { ...base, type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } };
    case 'text':
      return { ...base, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
  }
}

function columnChunk(chunk: ColumnChunk, rows: number, offset: number): FileMetaData['row_groups'][0]['columns'][0] {
  const statistics: Statistics = { null_count: BigInt(chunk.nulls) };
  if (chunk.min !== undefined) statistics.min_value = chunk.min;
  if (chunk.max !== undefined) statistics.max_value = chunk.max;
  return {
    file_offset: BigInt(offset),
    meta_data: {
      type: PHYSICAL_TYPES[chunk.type],
      encodings: PARQUET_ENCODINGS[chunk.encoding],
      path_in_schema: [chunk.name],
      codec: 'ZSTD',
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt(chunk.rawBytes),
      total_compressed_size: BigInt(chunk.bytes.length),
      data_page_offset: BigInt(offset + chunk.dictionaryBytes),
      ...(chunk.dictionaryBytes > 0 ? { dictionary_page_offset: BigInt(offset) } : {}),
      statistics,
    },
  };
}
