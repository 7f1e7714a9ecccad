import { describe, expect, it } from 'vitest';
import type { SectionPages, SectionReader } from '../../storage/dataobj/types.js';
import { LINE, type LineReader } from '../functions/row-step.js';
import { LinesRead, type PagesRead } from './lines-read.js';

const empty = new Int32Array(0);
const shapes = { count: 3, starts: new Int32Array(3), ends: new Int32Array(3), bytes: Buffer.alloc(0) };
/** Page 0 has runs 0 and 1, of two rows each, page 1 has run 2. */
const runs = {
  ...{ starts: Int32Array.of(0, 2, 3), rows: Int32Array.of(2, 2, 2), stream: Int32Array.of(0, 1, 0) },
  ...{ minTime: new Float64Array(0), maxTime: new Float64Array(0), messageBytes: empty, metadataBytes: empty },
};
const idsOf = [
  [0, 1, 2, 0],
  [0, 0],
];
/** Second numbers of the rows of each page; the last row of page 0 has none. */
const secondNumbers = [Float64Array.of(1, 2, 3, Number.NaN), Float64Array.of(5, 6)];
const fetched = {
  rows: Int32Array.of(4, 2),
  shapeIds: (page: number, out: Int32Array, first = 0) => out.set(idsOf[page]!.slice(first, first + out.length)),
  numbers: (n: number, page: number, first?: number, last?: number) =>
    n === 1 ? secondNumbers[page]!.slice(first, last) : raiseError(n),
} as Partial<SectionPages> as SectionPages;

function raiseError(n: number): never {
  throw new Error(`nobody asked for number ${n}`);
}

/** A section with a column of second numbers alone. */
const section = {
  pointers: { runs, column: (name: string) => (name === 'number.1' ? {} : undefined) },
  fetch: async () => fetched,
} as unknown as SectionReader;

/** `firstRow`: where the stretch of page 0 begins. */
function read(
  readers: readonly LineReader[],
  wantsRun: (run: number) => boolean = () => true,
  firstRow = 0,
): Promise<PagesRead> {
  const stretch = (page: number) => (page === 0 ? { first: firstRow, last: 4 } : { first: 0, last: 2 });
  return new LinesRead(readers, shapes, section).of([0, 1], fetched, { wantsRun, stretch });
}

const reading =
  (wanted: number, what = LINE): LineReader =>
  (_, shape) =>
    shape === wanted ? what : 0;

describe('the lines that are read', () => {
  it('are those of pages that have a shape of which somebody reads lines', async () => {
    expect((await read([])).open).toEqual([]);
    expect((await read([reading(2)])).open).toEqual([0]);
    expect((await read([() => 0, reading(0)])).open).toEqual([0, 1]);
  });

  it('are not those of runs that nobody wants', async () => {
    expect((await read([reading(2)], (run) => run !== 1)).open).toEqual([]);
    expect((await read([reading(1)], (run) => run !== 1)).open).toEqual([0]);
  });

  it('are looked for from the first row that is wanted on', async () => {
    const wanted = (run: number): boolean => run !== 0;
    const { open, numbers, shapeIds } = await read([reading(2, 1 << 1)], wanted, 2);
    expect(open).toEqual([]);
    expect([...shapeIds]).toEqual([
      [0, Int32Array.of(2, 0)],
      [1, Int32Array.of(0, 0)],
    ]);
    expect([...numbers]).toEqual([[0, [undefined, Float64Array.of(3, Number.NaN)]]]);
    expect((await read([reading(2)], wanted, 2)).open).toEqual([0]);
    expect((await read([reading(1)], wanted, 2)).open).toEqual([]);
  });

  it('are asked about once for each shape', async () => {
    const asked: number[] = [];
    await read([(_, shape) => Math.min(0, asked.push(shape))]);
    expect(asked).toEqual([0, 1, 2]);
  });

  it('are not those of which a number that is kept is all that is read', async () => {
    const { open, numbers } = await read([reading(1, 1 << 1)]);
    expect(open).toEqual([]);
    expect([...numbers]).toEqual([[0, [undefined, secondNumbers[0]]]]);
    expect((await read([reading(1, 1 << 1), reading(1)])).open).toEqual([0]);
  });

  it('are those of pages where a number that is read was not kept', async () => {
    const all = await read([reading(0, 1 << 1)]);
    expect(all.open).toEqual([0]);
    expect([...all.numbers.keys()]).toEqual([1]);
    expect((await read([reading(0, 1 << 1)], (run) => run !== 1)).open).toEqual([]);
    expect((await read([reading(2, 1 << 0)])).open).toEqual([0]);
  });
});
