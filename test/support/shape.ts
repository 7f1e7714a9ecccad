import { shapeLines } from '../../src/storage/dataobj/logs/shape.js';

/** The shape of one line. */
export function shapeOf(line: Uint8Array): Buffer {
  const { start, ends, bytes } = shapeLines(line, 0, Int32Array.of(0, line.length), 0, 1);
  return Buffer.from(bytes.slice(start, ends[0]));
}
