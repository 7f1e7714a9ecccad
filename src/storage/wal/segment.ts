/**
 * Names in the log's folder. A segment is named by a sequence number that no record in it is below, so names sort in
 * log order, and by the last one that was durable when it was begun: a log that does not reach it has lost something. The
 * mark names the highest sequence number that has been truncated away, and says whether the log is in doubt:
 * a name, since a rename is atomic and works on a full disk.
 */
const DIGITS = 16;
/** Older ones have no second number. */
const SEGMENT = /^wal-(\d{16})(?:-(\d{16}))?\.wal$/;
const MARK = /^truncated-(\d{16})(?:\.doubtful)?$/;

const DOUBTFUL = '.doubtful';
const SPARE = '.spare';

export interface Mark {
  /** Records up to here have been truncated away. */
  readonly seq: number;
  /** Whether acknowledged records may be missing that others have not sent again yet. */
  readonly isDoubtful: boolean;
}

/** What a segment's name says. */
export interface SegmentNumbers {
  /** No record in it is below. */
  readonly firstSeq: number;
  /** The last record before it that was durable when it was begun; all up to here were written whole. */
  readonly afterSeq: number;
}

/** A segment that is no longer written to. */
export interface ClosedSegment {
  readonly name: string;
  /** No record in it is above. */
  readonly lastSeq: number;
  readonly bytes: number;
  /** Kept under another name rather than deleted, since what it holds could not all be read. */
  readonly damaged: boolean;
  /** Whether this process wrote it, and knows what it holds. */
  readonly own: boolean;
}

export function segmentName({ firstSeq, afterSeq }: SegmentNumbers): string {
  return `wal-${padded(firstSeq)}-${padded(afterSeq)}.wal`;
}

/** The sequence numbers in a segment's name; null for other files. */
export function segmentNumbers(name: string): SegmentNumbers | null {
  const [, first, after] = SEGMENT.exec(name) ?? [];
  return first === undefined ? null : { firstSeq: Number(first), afterSeq: Number(after ?? 0) };
}

export function isSegment(name: string): boolean {
  return segmentNumbers(name) !== null;
}

export function markName({ seq, isDoubtful }: Mark): string {
  return `truncated-${padded(seq)}${isDoubtful ? DOUBTFUL : ''}`;
}

/** The mark in a file's name; null for other files. */
export function markOf(name: string): Mark | null {
  const digits = MARK.exec(name)?.[1];
  return digits === undefined ? null : { seq: Number(digits), isDoubtful: name.endsWith(DOUBTFUL) };
}

export function quarantinedName(name: string): string {
  return `${name}.damaged`;
}

/** What a segment is called that waits to be written over. */
export function spareName(name: string): string {
  return `${name}${SPARE}`;
}

export function isSpare(name: string): boolean {
  return name.endsWith(SPARE) && segmentNumbers(name.slice(0, -SPARE.length)) !== null;
}

function padded(seq: number): string {
  return seq.toString().padStart(DIGITS, '0');
}
