import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputOf } from '../../../test/support/build-input.js';
import { run } from '../../../test/support/cli.js';
import { buildLogsObject } from '../../storage/dataobj/logs/builder.js';
import { DEFAULT_BUILD_SETTINGS } from '../../storage/dataobj/types.js';
import { decompress } from '../../storage/zstd.js';

/** 2026-11-01T00:00:00Z */
const START = 1_793_491_200_000_000_000n;

describe('skald inspect', () => {
  let folder = '';
  let path = '';
  let bytes: Uint8Array;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'skald-inspect-'));
    path = join(folder, 'x.dataobj');
    const rows = Array.from({ length: 1500 }, (_, i) => ({
      labels: { app: i % 3 === 0 ? 'a' : 'b' },
      time: START + BigInt(i) * 1_000_000n,
      line: `line ${i}`,
      metadata: [['level', 'info']] as const,
    }));
    bytes = buildLogsObject(inputOf([rows]), DEFAULT_BUILD_SETTINGS).bytes;
    writeFileSync(path, bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('shows rows, parts, columns and streams', async () => {
    const { code, out } = await run(['inspect', path]);
    expect(code).toBe(0);
    expect(out).toContain(`${path}: `);
    expect(out).toContain('tenant test\n1,500 rows, ');
    expect(out).toContain('2026-11-01T00:00:00Z to 2026-11-01T00:00:01.499Z\n');
    expect(out).toContain('sequence numbers 1 to 1 of ingester-0');
    expect(out).toMatch(/section 0: 1,500 rows on 1 page/);
    expect(out).toMatch(/message +delta-length/);
    expect(out).toMatch(/1,000 +\S+ kB {2}\{app="b"\}\n +500 /);
  });

  it('says the same in JSON', async () => {
    const description = JSON.parse((await run(['inspect', path, '--output', 'json'])).out);
    expect(description).toMatchObject({ tenant: 'test', rows: 1500, bytes: bytes.length, sequence: [1, 1] });
    expect(description.streams).toMatchObject([
      { labels: '{app="b"}', rows: 1000 },
      { labels: '{app="a"}', rows: 500 },
    ]);
    expect(description.parts.map(({ type, checksum }: { type: string; checksum: string }) => [type, checksum])).toEqual(
      [
        ['logs', 'ok'],
        ['streams', 'ok'],
        ['pointers', 'ok'],
      ],
    );
  });

  it('cuts out a section that is a Parquet file', async () => {
    const to = join(folder, 'x.parquet');
    expect((await run(['inspect', path, '--section', '0', '--parquet', to])).code).toBe(0);
    const file = readFileSync(to);
    const read = await parquetReadObjects({
      file: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength),
      columns: ['message'],
      compressors: { ZSTD: (input, length) => decompress(input, length) },
    });
    expect(read.map((row) => row.message).sort()).toEqual(Array.from({ length: 1500 }, (_, i) => `line ${i}`).sort());
    expect(await run(['inspect', path, '--section', '7', '--parquet', to])).toMatchObject({ code: 2 });
  });

  it('finds a flipped bit', async () => {
    const damaged = join(folder, 'damaged.dataobj');
    writeFileSync(damaged, bytes.with(100, bytes[100]! ^ 1));
    const { code, out } = await run(['inspect', damaged]);
    expect(code).toBe(1);
    expect(out).toMatch(/logs +4 .* wrong/);
  });

  it.each([
    ['cut off', (whole: Uint8Array) => whole.subarray(0, whole.length - 20)],
    ['empty', () => new Uint8Array()],
    ['something else', () => Buffer.from('hello, this is a text file')],
  ])('a file that is %s is no intact object', async (_what, damage) => {
    const other = join(folder, 'other.dataobj');
    writeFileSync(other, damage(bytes));
    const { code, err } = await run(['inspect', other]);
    expect(code).toBe(1);
    expect(err).toMatch(/^skald: not an intact data object: /);
  });

  it('a file that is not there, or not named, is said so', async () => {
    expect(await run(['inspect', join(folder, 'none')])).toMatchObject({ code: 1 });
    expect((await run(['inspect'])).code).toBe(2);
  });
});
