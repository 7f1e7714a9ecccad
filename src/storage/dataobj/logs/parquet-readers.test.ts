import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inputOf, type TestRow } from '../../../../test/support/build-input.js';
import { memoryReader, readRows } from '../../../../test/support/read-object.js';
import { numbersOf, shapeOf } from '../../../../test/support/shape.js';
import { decompress } from '../../zstd.js';
import { openObject } from '../object.js';
import { DEFAULT_BUILD_SETTINGS } from '../types.js';
import { buildLogsObject } from './builder.js';

const SETTINGS = { ...DEFAULT_BUILD_SETTINGS, pageBytesMin: 4000, pageBytesMax: 9000, metadataColumnsMax: 3 };
const START = 1_793_491_200_000_000_000n;

/** Dictionary columns of one and of many values, a column of distinct values, rare keys, gaps, empty and odd lines. */
const ROWS: TestRow[] = Array.from({ length: 3000 }, (_, i) => ({
  labels: { app: `app-${i % 7}` },
  time: START + BigInt(i) * 1_000_003n - BigInt((i % 5) * 7),
  line:
    i % 50 === 0
      ? ''
      : i % 77 === 0
        ? `snö ❄ 雪 ${i}`
        : `request ${i} took ${(i * 7919) % 1000}ms status=${200 + (i % 4)}`,
  metadata: [
    ['level', i % 3 === 0 ? 'error' : 'info'],
    ...(i % 2 === 0 ? [['trace_id', `${(i * 2654435761).toString(16)}-${i}`] as const] : []),
    ['region', 'eu-1'],
    ...(i % 100 === 0 ? [[`rare.${i % 300}`, `"quoted" ${i}`] as const] : []),
  ],
}));

interface Stored {
  stream_id: number;
  timestamp: bigint;
  message: string;
  'metadata.level': string | null;
  'metadata.region': string | null;
  'metadata.trace_id': string | null;
  metadata: string | null;
  shape: string;
  'number.0': bigint | null;
  'number.1': bigint | null;
  'number.2': bigint | null;
}

describe('a logs section cut out of its object', () => {
  const directory = mkdtempSync(join(tmpdir(), 'skald-parquet-'));
  const file = join(directory, 'section.parquet');
  let section: Uint8Array;
  let expected: Stored[];

  beforeAll(async () => {
    const built = buildLogsObject(inputOf([ROWS.slice(0, 1000), ROWS.slice(1000)]), SETTINGS);
    const object = await openObject(memoryReader(built.bytes), 'x');
    const { offset, length } = object.entries.logs[0]!;
    section = built.bytes.slice(offset, offset + length);
    writeFileSync(file, section);
    const streams = await object.streams();
    const ids = new Map(Array.from({ length: streams.count }, (_, id) => [streams.labels(id)[0]![1], id]));
    expected = (await readRows(built.bytes)).map((row) => stored(row, ids));
    expect(expected.length).toBe(ROWS.length);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function stored(row: TestRow, ids: ReadonlyMap<string, number>): Stored {
    const metadata = new Map(row.metadata);
    const [first, second, third] = numbersOf(row.line).map(BigInt);
    const rare = [...metadata].filter(([key]) => key.startsWith('rare.'));
    return {
      stream_id: ids.get(row.labels.app!)!,
      timestamp: row.time,
      'metadata.level': metadata.get('level') ?? null,
      'metadata.region': metadata.get('region') ?? null,
      'metadata.trace_id': metadata.get('trace_id') ?? null,
      metadata: rare.length > 0 ? JSON.stringify(Object.fromEntries(rare)) : null,
      shape: shapeOf(Buffer.from(row.line)).toString(),
      'number.0': first ?? null,
      'number.1': second ?? null,
      'number.2': third ?? null,
      message: row.line,
    };
  }

  test('is read by DuckDB with the same contents', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const reader = await connection.runAndReadAll(
      `select * replace (epoch_ns(timestamp) as timestamp) from read_parquet('${file}')`,
    );
    // DuckDB keeps instants in UTC as microseconds.
    expect(reader.getRowObjects()).toEqual(
      expected.map((row) => ({ ...row, timestamp: row.timestamp - (row.timestamp % 1000n) })),
    );
    const found = await connection.runAndReadAll(
      `select count(*)::int n from read_parquet('${file}') where message like '%status=203%' and "metadata.level" = 'error'`,
    );
    const naive = ROWS.filter((row) => row.line.includes('status=203') && row.metadata?.[0]?.[1] === 'error').length;
    expect(found.getRowObjects()).toEqual([{ n: naive }]);
    connection.closeSync();
  });

  test('is filtered by DuckDB on its statistics', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const rows = await connection.runAndReadAll(
      `select count(*)::int n from read_parquet('${file}') where timestamp >= to_timestamp(${(START + 2_000_000_000n) / 1_000_000_000n})`,
    );
    expect(rows.getRowObjects()).toEqual([{ n: ROWS.filter((row) => row.time >= START + 2_000_000_000n).length }]);
    const kept = await connection.runAndReadAll(
      `select name, logical_type, converted_type from parquet_schema('${file}') where name in ('message', 'timestamp')`,
    );
    expect(JSON.stringify(kept.getRowObjects())).toMatch(/Timestamp.*NANOS|NANOS.*Timestamp/i);
    connection.closeSync();
  });

  test('is read by hyparquet with the same contents', async () => {
    const compressors = { ZSTD: (input: Uint8Array, size: number) => decompress(input, size) };
    const copy = section.slice().buffer;
    const parsers = { timestampFromNanoseconds: (nanos: bigint) => nanos };
    const rows = await parquetReadObjects({ file: copy, compressors, parsers: parsers as never });
    const plain = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? null])),
    );
    expect(plain).toEqual(expected);
  });
});
