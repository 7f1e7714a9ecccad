import { type SectionReader, SHAPE_COLUMN } from '../../storage/dataobj/types.js';
import type { BatchSizes } from '../batch/sizes.js';
import type { ScanFilter } from '../operators/scan-filter.js';
import { OPEN, type Verdicts } from './verdict.js';

/** Verdicts on a section's shapes; undefined when it keeps none, or has too few pages to read for them to be of use. */
export async function judgeShapes(
  reader: SectionReader,
  filter: ScanFilter,
  pages: readonly number[],
  sizes: BatchSizes,
): Promise<Verdicts | undefined> {
  if (!shapesPay(reader, pages, sizes.lineBytesPerShapeByte)) return undefined;
  const judge = filter.judge();
  const shapes = judge && (await reader.shapes());
  const verdicts = shapes && judge(shapes);
  return verdicts?.every((verdict) => verdict === OPEN) ? undefined : verdicts;
}

/** Whether a section keeps shapes, and has so many lines on the pages to be read that they are worth reading. */
export function shapesPay({ pointers }: SectionReader, pages: readonly number[], bytesPerShapeByte: number): boolean {
  const column = pointers.column(SHAPE_COLUMN);
  if (column === undefined) return false;
  const { messageBytes } = pointers.pages;
  const bytes = pages.reduce((sum, page) => sum + messageBytes[page]!, 0);
  return bytes >= bytesPerShapeByte * column.dictionaryBytes;
}
