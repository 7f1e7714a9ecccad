/**
 * Names in the log's folder. A segment is named by a sequence number that no record in it is below, so names sort in
 * log order. The mark names the highest sequence number that has been truncated away: a name, since a rename is atomic
 * and works on a full disk.
 */
const DIGITS = 16;
const SEGMENT = /^wal-(\d{16})\.wal$/;
const MARK = /^truncated-(\d{16})$/;

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

export function markName(seq: number): string {
  return `truncated-${padded(seq)}`;
}

export function markSeq(name: string): number | null {
  return numberIn(MARK, name);
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
