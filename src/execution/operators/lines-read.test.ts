import { describe, expect, it } from 'vitest';
import type { Pointers, SectionPages } from '../../storage/dataobj/types.js';
import type { LineReader } from '../functions/row-step.js';
import { LinesRead } from './lines-read.js';

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
const fetched = {
  rows: Int32Array.of(4, 2),
  shapeIds: (page: number, out: Int32Array) => out.set(idsOf[page]!),
} as Partial<SectionPages> as SectionPages;

function open(readers: readonly LineReader[], wantsRun: (run: number) => boolean = () => true): readonly number[] {
  return new LinesRead(readers, shapes, { runs } as Partial<Pointers> as Pointers).of([0, 1], fetched, wantsRun).open;
}

describe('the lines that are read', () => {
  it('are those of pages that have a shape of which somebody reads lines', () => {
    expect(open([])).toEqual([]);
    expect(open([(_, shape) => shape === 2])).toEqual([0]);
    expect(open([() => false, (_, shape) => shape === 0])).toEqual([0, 1]);
  });

  it('are not those of runs that nobody wants', () => {
    expect(open([(_, shape) => shape === 2], (run) => run !== 1)).toEqual([]);
    expect(open([(_, shape) => shape === 1], (run) => run !== 1)).toEqual([0]);
  });

  it('are asked about once for each shape', () => {
    const asked: number[] = [];
    open([(_, shape) => asked.push(shape) < 0]);
    expect(asked).toEqual([0, 1, 2]);
  });
});
