import { type ClosedSegment, segmentName } from './segment.js';

interface OpenSegment {
  readonly name: string;
  readonly firstSeq: number;
  bytes: number;
  lastSeq: number;
}

/** Which segments exist and where the next record goes. Pure bookkeeping; `wal.ts` does what it says to the disk. */
export class SegmentLedger {
  readonly #segmentBytesMax: number;
  #closed: ClosedSegment[];
  #open: OpenSegment | null = null;

  constructor(segmentBytesMax: number, recovered: readonly ClosedSegment[] = []) {
    this.#segmentBytesMax = segmentBytesMax;
    this.#closed = [...recovered];
  }

  /** Durable length of the open segment; 0 when there is none. */
  get offset(): number {
    return this.#open?.bytes ?? 0;
  }

  get segments(): number {
    return this.#closed.length + (this.#open ? 1 : 0);
  }

  get bytes(): number {
    return this.#closed.reduce((sum, segment) => sum + segment.bytes, this.offset);
  }

  /** Whether so many bytes may be added to the open segment. An empty one takes a group of any size. */
  fits(bytes: number): boolean {
    const open = this.#open;
    return open !== null && (open.bytes === 0 || open.bytes + bytes <= this.#segmentBytesMax);
  }

  opened(firstSeq: number): void {
    this.close();
    this.#open = { name: segmentName(firstSeq), firstSeq, bytes: 0, lastSeq: firstSeq - 1 };
  }

  wrote(bytes: number, lastSeq: number): void {
    const open = this.#open!;
    open.bytes += bytes;
    open.lastSeq = lastSeq;
  }

  /** Nothing is added to the open segment any more; whatever it may hold beyond its durable length is at most `lastSeq`. */
  close(lastSeq = 0): void {
    const open = this.#open;
    if (!open) return;
    const { name, bytes } = open;
    this.#closed.push({ name, bytes, lastSeq: Math.max(open.lastSeq, lastSeq), damaged: false });
    this.#open = null;
  }

  /** Closed segments without a record above `throughSeq`, oldest first. */
  droppable(throughSeq: number): readonly ClosedSegment[] {
    return this.#closed.filter((segment) => segment.lastSeq <= throughSeq);
  }

  dropped(segment: ClosedSegment): void {
    this.#closed = this.#closed.filter((other) => other !== segment);
  }
}
