import { type ClosedSegment, segmentName } from './segment.js';

interface OpenSegment {
  readonly name: string;
  bytes: number;
  lastSeq: number;
}

/** Which segments exist and where the next record goes. Pure bookkeeping; `wal.ts` does what it says to the disk. */
export class SegmentLedger {
  readonly #segmentBytesMax: number;
  #closed: ClosedSegment[];
  #open: OpenSegment | null = null;
  #durableSeq: number;

  /** `durableSeq`: the last record that a reader of `recovered` finds. */
  constructor(segmentBytesMax: number, recovered: readonly ClosedSegment[], durableSeq: number) {
    this.#segmentBytesMax = segmentBytesMax;
    this.#closed = [...recovered];
    this.#durableSeq = durableSeq;
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

  /** What a segment is to be called that begins with this record. */
  nameFor(firstSeq: number): string {
    return segmentName({ firstSeq, afterSeq: this.#durableSeq });
  }

  opened(firstSeq: number): void {
    this.close();
    this.#open = { name: this.nameFor(firstSeq), bytes: 0, lastSeq: firstSeq - 1 };
  }

  wrote(bytes: number, lastSeq: number): void {
    const open = this.#open!;
    open.bytes += bytes;
    open.lastSeq = lastSeq;
    this.#durableSeq = lastSeq;
  }

  /** Nothing is added to the open segment any more; whatever it may hold beyond its durable length is at most `lastSeq`. */
  close(lastSeq = 0): void {
    const open = this.#open;
    if (!open) return;
    const { name, bytes } = open;
    this.#closed.push({ name, bytes, lastSeq: Math.max(open.lastSeq, lastSeq), damaged: false, own: true });
    this.#open = null;
  }

  /** Closed segments without a record above `throughSeq`, oldest first. */
  droppable(throughSeq: number): readonly ClosedSegment[] {
    return this.#closed.filter((segment) => segment.lastSeq <= throughSeq);
  }

  /** Whether it is there and no longer written to. */
  hasClosed(name: string): boolean {
    return this.#closed.some((segment) => segment.name === name);
  }

  get closed(): readonly ClosedSegment[] {
    return this.#closed;
  }

  damaged(name: string): void {
    this.#closed = this.#closed.map((segment) => (segment.name === name ? { ...segment, damaged: true } : segment));
  }

  dropped(segment: ClosedSegment): void {
    this.#closed = this.#closed.filter((other) => other !== segment);
  }
}
