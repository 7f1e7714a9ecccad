import type { LineShapes } from '../../src/execution/batch/log-batch.js';
import { shapeLines } from '../../src/storage/dataobj/logs/shape.js';
import { ShapeTable } from '../../src/storage/dataobj/logs/shape-table.js';

/** The shape of one line. */
export function shapeOf(line: Uint8Array): Buffer {
  const { start, ends, bytes } = shapeLines(line, 0, Int32Array.of(0, line.length), 0, 1);
  return Buffer.from(bytes.slice(start, ends[0]));
}

/** The shapes of lines as a section keeps them. */
export function lineShapes(lines: readonly Buffer[]): LineShapes {
  const table = new ShapeTable(lines.length, 0);
  const offsets = new Int32Array(lines.length + 1);
  lines.forEach((line, i) => {
    offsets[i + 1] = offsets[i]! + line.length;
  });
  table.add(Buffer.concat(lines), 0, offsets);
  const starts = table.starts.slice(0, table.count);
  const ends = starts.map((start, i) => start + table.lengths[i]!);
  return { ids: table.ids, shapes: { count: table.count, starts, ends, bytes: Buffer.from(table.bytes) } };
}
