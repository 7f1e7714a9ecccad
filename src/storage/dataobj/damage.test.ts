import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inputOf, type TestRow } from '../../../test/support/build-input.js';
import { memoryReader, readRows } from '../../../test/support/read-object.js';
import { sampleRows } from '../../../test/support/sample-rows.js';
import { CorruptObject } from '../corrupt.js';
import { verifyObject } from './describe.js';
import { buildLogsObject } from './logs/builder.js';
import { openObject } from './object.js';
import { type BuildSettings, DEFAULT_BUILD_SETTINGS, type TextPage } from './types.js';

const SETTINGS: BuildSettings = {
  ...DEFAULT_BUILD_SETTINGS,
  bucketBytes: 2000,
  sectionBytes: 4000,
  pageBytesMin: 300,
  pageBytesMax: 900,
  metadataColumnsMax: 2,
};
const { bytes } = buildLogsObject(inputOf([sampleRows(120)]), SETTINGS);

/** Rows when the bytes can be read, the error when they are refused; any other error fails the test. */
async function readOrRefuse(damaged: Uint8Array): Promise<TestRow[] | CorruptObject> {
  try {
    return await readRows(damaged);
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptObject);
    return error as CorruptObject;
  }
}

function textOf({ offsets, bytes }: TextPage): Pick<TextPage, 'offsets' | 'bytes'> {
  return { offsets, bytes };
}

function flipped(at: number, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = copy[at]! ^ (1 << bit);
  return copy;
}

describe('a damaged object', () => {
  test('with one bit flipped anywhere is refused or reads as before', async () => {
    const intact = await readRows(bytes);
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 19) {
      const result = await readOrRefuse(flipped(at, at % 8));
      if (result instanceof CorruptObject) refused++;
      else expect(result).toEqual(intact);
    }
    // Parquet's own headers and footers, and filters, are not looked at when rows are read.
    expect(refused).toBeGreaterThan(bytes.length / 19 / 3);
  });

  test('with one bit flipped in any section is found by reading it all', async () => {
    const { container } = await openObject(memoryReader(bytes), 'x');
    for (const { offset, length } of container.sections) {
      for (const at of [offset, offset + (length >> 1), offset + length - 1]) {
        const object = await openObject(memoryReader(flipped(at, 3)), 'x');
        expect((await verifyObject(object)).damaged.length).toBe(1);
      }
    }
    expect((await verifyObject(await openObject(memoryReader(bytes), 'x'))).damaged).toEqual([]);
  });

  test('cut off anywhere is refused', async () => {
    for (let length = 0; length < bytes.length; length += 61) {
      expect(await readOrRefuse(bytes.subarray(0, length))).toBeInstanceOf(CorruptObject);
    }
  });

  test('that is shorter than its reader was told is refused', async () => {
    const reader = { ...memoryReader(bytes.subarray(0, 3000)), size: bytes.length };
    await expect(openObject(reader, 'x')).rejects.toBeInstanceOf(CorruptObject);
  });

  test('made of any bytes behind a right footer is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(400), async (body, offset) => {
        const object = new Uint8Array(body.length + 12);
        object.set(Buffer.from('THOR'), 0);
        object.set(body, 4);
        new DataView(object.buffer).setUint32(body.length + 4, offset, true);
        object.set(Buffer.from('THOR'), body.length + 8);
        expect(await readOrRefuse(object)).toBeInstanceOf(CorruptObject);
      }),
      { numRuns: 200 },
    );
  });

  test('names the object, section, column and page, and leaves other pages readable', async () => {
    const { offset } = (await openObject(memoryReader(bytes), 'x')).entries.logs[1]!;
    const intact = await (await openObject(memoryReader(bytes), 'x')).section(1);
    const message = intact.pointers.column('message')!;
    const damaged = flipped(offset + message.pageOffsets[1]! + message.facts(1).headerBytes + 2, 0);
    const section = await (await openObject(memoryReader(damaged), 'tenant/x.dataobj')).section(1);
    const pages = await section.fetch(['message', 'timestamp'], [0, 1, 2]);
    const expected = await intact.fetch(['message'], [0, 2]);
    expect(textOf(pages.messages(0))).toEqual(textOf(expected.messages(0)));
    expect(textOf(pages.messages(2))).toEqual(textOf(expected.messages(2)));
    pages.timestamps(1, new Float64Array(section.pointers.pages.rows[1]!));
    expect(() => pages.messages(1)).toThrow(
      expect.objectContaining({
        message: 'tenant/x.dataobj, logs, section 1, column message, page 1: checksum mismatch',
        place: { path: 'tenant/x.dataobj', part: 'logs', section: 1, column: 'message', page: 1 },
      }),
    );
  });

  test('with a damaged filter fails only the questions that need it', async () => {
    const object = await openObject(memoryReader(bytes), 'x');
    const { offset, length, attributes } = object.entries.pointers[0]!;
    const filtersAt = offset + attributes.count('headBytes');
    const pages = new Uint8Array(8).fill(0xff);
    const inText = await (await openObject(memoryReader(flipped(filtersAt, 1)), 'x')).pointers(0);
    await expect(inText.textCandidates(Buffer.from('panic'), pages)).rejects.toBeInstanceOf(CorruptObject);
    await inText.metadataCandidates('level', 'info', pages);
    const { counts } = inText.filterBytes;
    const inValues = await (await openObject(memoryReader(flipped(offset + length - counts - 1, 1)), 'x')).pointers(0);
    await inValues.textCandidates(Buffer.from('panic'), pages);
    await expect(inValues.metadataCandidates(inValues.restKeys[0]!, 'x', pages)).rejects.toBeInstanceOf(CorruptObject);
  });

  test('with damaged counts fails only who counts by them', async () => {
    const object = await openObject(memoryReader(bytes), 'x');
    const { offset, length } = object.entries.pointers[0]!;
    const damaged = await (await openObject(memoryReader(flipped(offset + length - 1, 1)), 'x')).pointers(0);
    await damaged.textCandidates(Buffer.from('panic'), new Uint8Array(8).fill(0xff));
    await expect(damaged.counts(damaged.counted.length - 1)).rejects.toBeInstanceOf(CorruptObject);
  });
});
