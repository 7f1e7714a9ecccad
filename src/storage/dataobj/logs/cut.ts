/** Where ordered rows are cut into sections and pages. Every column is cut at the same rows. */
import { PAGE_ROWS_LIMIT } from '../pointers/decode.js';
import type { BuildSettings } from '../types.js';
import type { OrderedRows } from './order.js';

export interface Cuts {
  /** Page p has rows pageStarts[p]..pageStarts[p+1]. */
  readonly pageStarts: Int32Array;
  /** Section s has pages sectionStarts[s]..sectionStarts[s+1]. */
  readonly sectionStarts: Int32Array;
}

/** What is left beyond a full section goes into it too while it is less than this share of one: every section costs a query. */
const LAST_SECTION_SHARE_MIN = 1 / 4;

/**
 * Pages never cross a bucket, so each holds at most one run of a stream; sections hold whole buckets, so they are
 * disjoint in time and the newest bucket can be read alone.
 */
export function cutRows(ordered: OrderedRows, settings: BuildSettings): Cuts {
  const { rows, bucket } = ordered;
  const pageStarts: number[] = [];
  const sectionStarts: number[] = [];
  const sectionFull = settings.sectionBytes - settings.bucketBytes / 2;
  const lastMin = settings.sectionBytes * LAST_SECTION_SHARE_MIN;
  const rowsMax = Math.min(settings.pageRowsMax, PAGE_ROWS_LIMIT);
  let pageFrom = 0;
  let messages = 0;
  let metadata = 0;
  let section = 0;
  let left = rows.messageBytes.reduce((sum, bytes) => sum + bytes, 0);
  for (let i = 0; i < rows.count; i++) {
    const newBucket = i === 0 || bucket[i] !== bucket[i - 1];
    if (newBucket && (i === 0 || (section >= sectionFull && left >= lastMin))) {
      sectionStarts.push(pageStarts.length);
      section = 0;
    }
    const full = messages >= settings.pageBytesMax || metadata >= settings.pageBytesMax || i - pageFrom >= rowsMax;
    const newStream = i > 0 && rows.stream[i] !== rows.stream[i - 1];
    if (newBucket || full || (newStream && messages >= settings.pageBytesMin)) {
      pageStarts.push(i);
      pageFrom = i;
      messages = 0;
      metadata = 0;
    }
    messages += rows.messageBytes[i]!;
    metadata += rows.metadataBytes[i]!;
    section += rows.messageBytes[i]!;
    left -= rows.messageBytes[i]!;
  }
  sectionStarts.push(pageStarts.length);
  pageStarts.push(rows.count);
  return { pageStarts: Int32Array.from(pageStarts), sectionStarts: Int32Array.from(sectionStarts) };
}
