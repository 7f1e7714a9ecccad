/**
 * Names in the log's folder. A segment is named by a sequence number that no record in it is below, so names sort in
 * log order. The mark names the highest sequence number that has been truncated away, and says whether the log is in doubt:
 * a name, since a rename is atomic and works on a full disk.
 */
const DIGITS = 16;
const SEGMENT = /^wal-(\d{16})\.wal$/;
const MARK = /^truncated-(\d{16})(?:\.doubtful)?$/;

const DOUBTFUL = '.doubtful';

export interface Mark {
  /** Records up to here have been truncated away. */
  readonly seq: number;
  /** Whether acknowledged records may be missing that others have not sent again yet. */
  readonly isDoubtful: boolean;
}

/** A segment that is no longer written to. */
export interface ClosedSegment {
  readonly name: string;
  /** No record in it is above. */
  readonly lastSeq: number;
  readonly bytes: number;
  /** Kept under another name rather than deleted, since what it holds could not all be read. */
  readonly damaged: boolean;
}

export function segmentName(firstSeq: number): string {
  return `wal-${padded(firstSeq)}.wal`;
}

/** The sequence number in a segment's name; null for other files. */
export function segmentSeq(name: string): number | null {
  return numberIn(SEGMENT, name);
}

export function markName({ seq, isDoubtful }: Mark): string {
  return `truncated-${padded(seq)}${isDoubtful ? DOUBTFUL : ''}`;
}

/** The mark in a file's name; null for other files. */
export function markOf(name: string): Mark | null {
  const seq = numberIn(MARK, name);
  return seq === null ? null : { seq, isDoubtful: name.endsWith(DOUBTFUL) };
}

export function quarantinedName(name: string): string {
  return `${name}.damaged`;
}

function padded(seq: number): string {
  return seq.toString().padStart(DIGITS, '0');
}

function numberIn(pattern: RegExp, name: string): number | null {
  const digits = pattern.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}
