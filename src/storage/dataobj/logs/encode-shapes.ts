/** Encodes the shapes of a section's lines: a dictionary column that only readers of conditions on lines look at. */
import { ByteSink } from '../byte-sink.js';
import { bitWidth, encodeHybrid, hybridBytesMax } from '../parquet/hybrid.js';
import { SHAPE_COLUMN } from '../types.js';
import { ColumnWriter, type WrittenColumn } from './column-writer.js';
import type { KnownShapes } from './shape.js';
import type { ShapeTable } from './shape-table.js';

/** Over pages that have section rows starts[p]..starts[p+1]. */
export function encodeShapes(shapes: ShapeTable, starts: Int32Array, zstdLevel: number): WrittenColumn {
  const writer = new ColumnWriter(SHAPE_COLUMN, 'text', 'dictionary', zstdLevel);
  writer.dictionary(shapes.known.count, plainShapes(shapes.known));
  const width = bitWidth(shapes.known.count - 1);
  const payload = new ByteSink();
  for (let p = 0; p + 1 < starts.length; p++) {
    const first = starts[p]!;
    const last = starts[p + 1]!;
    payload.clear();
    const bytes = payload.reserve(1 + hybridBytesMax(last - first, width));
    bytes[0] = width;
    payload.advance(encodeHybrid(shapes.ids, first, last, width, bytes, 1));
    writer.page(last - first, payload.view());
  }
  return writer.finish();
}

/** PLAIN: each with its length before it. */
function plainShapes({ count, starts, lengths, bytes }: KnownShapes): Uint8Array {
  const sink = new ByteSink();
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    const out = sink.reserve(4 + length);
    const at = sink.length;
    for (let b = 0; b < 4; b++) out[at + b] = length >>> (8 * b);
    out.set(bytes.subarray(starts[i]!, starts[i]! + length), at + 4);
    sink.advance(4 + length);
  }
  return sink.view();
}
