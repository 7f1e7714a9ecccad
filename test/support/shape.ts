import type { LineNumbers, LineShapes } from '../../src/execution/batch/log-batch.js';
import { NUMBER_COLUMNS } from '../../src/storage/dataobj/logs/number-slots.js';
import { ShapeTable } from '../../src/storage/dataobj/logs/shape-table.js';

/** The shape of one line. */
export function shapeOf(line: Buffer): Buffer {
  const { shapes } = lineShapes([line]);
  return Buffer.from(shapes.bytes.subarray(shapes.starts[0], shapes.ends[0]));
}

/** The numbers of a line that have columns, found without its shape; NaN where one is not kept as it is. */
export function numbersOf(line: string): number[] {
  const found = line.matchAll(/(?:[ ="]|":)(?<digits>[0-9]+)(?<unit>[A-Za-z]*)(?=[ ",;)\]}]|$)/g);
  return [...found]
    .map(({ groups }) => ({ digits: groups!.digits!, unit: groups!.unit! }))
    .filter(({ unit }) => !/^[a-f]+$/.test(unit)) // a hexadecimal word
    .slice(0, NUMBER_COLUMNS)
    .map(({ digits }) => (/^(?:0|[1-9][0-9]{0,14})$/.test(digits) ? Number(digits) : Number.NaN));
}

/** Of all lines, as a page has them. */
export function numberColumns(lines: readonly Buffer[]): LineNumbers {
  const numbers = lines.map((line) => numbersOf(line.toString('latin1')));
  return Array.from({ length: NUMBER_COLUMNS }, (_, n) =>
    Float64Array.from(numbers, (ofLine) => ofLine[n] ?? Number.NaN),
  );
}

/** The shapes of lines as a section keeps them. */
export function lineShapes(lines: readonly Buffer[]): LineShapes {
  const table = new ShapeTable(lines.length, 0);
  const offsets = new Int32Array(lines.length + 1);
  lines.forEach((line, i) => {
    offsets[i + 1] = offsets[i]! + line.length;
  });
  table.add(Buffer.concat(lines), 0, offsets);
  const { count, lengths, bytes, ...known } = table.known;
  const first = known.starts[0] ?? 0;
  const starts = known.starts.map((start) => start - first);
  const ends = starts.map((start, i) => start + lengths[i]!);
  return {
    ids: table.ids,
    shapes: { count, starts, ends, bytes: Buffer.from(bytes.slice(first, first + (ends.at(-1) ?? 0))) },
  };
}
