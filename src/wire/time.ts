/**
 * Time. Absolute times are int64 nanoseconds since the epoch, as bigint wherever a single one is handled. Columns
 * keep them as Arrow does (int64 little-endian) and hot loops read them as float64 offsets in nanoseconds from a
 * base, which is exact for 2^53 ns = 104 days.
 */
export type Nanos = bigint;

export const NS_PER_MS = 1_000_000n;
export const NS_PER_SECOND = 1_000_000_000n;

/** A half-open span [start, end) in nanoseconds. */
export interface TimeRange {
  readonly start: Nanos;
  readonly end: Nanos;
}

const TWO_32 = 4294967296;

/** An int64 column seen as 32-bit words, so that a loop reads times without a BigInt per row. */
export class TimestampView {
  readonly words: Int32Array;

  constructor(column: BigInt64Array) {
    this.words = new Int32Array(column.buffer, column.byteOffset, column.length * 2);
  }

  /** `column[i] - base` in nanoseconds. Exact while the result is within 2^53. */
  offset(i: number, base: TimestampBase): number {
    const low = this.words[2 * i]! >>> 0;
    const high = this.words[2 * i + 1]!;
    return (high - base.high) * TWO_32 + (low - base.low);
  }

  /** Stores `seconds * 1e9 + nanos` without a BigInt; seconds within int32 range of 1970 ± 292 years. */
  set(i: number, seconds: number, nanos: number): void {
    const top = Math.floor(seconds / 65536);
    const bottom = seconds - top * 65536;
    const lowPart = bottom * 1e9 + nanos; // < 2^47
    const topPart = top * 1e9; // counts of 65536 ns
    const highFromTop = Math.floor(topPart / 65536); // topPart * 65536 = highFromTop * 2^32 + rest * 65536
    const rest = (topPart - highFromTop * 65536) * 65536 + lowPart;
    const carry = Math.floor(rest / TWO_32);
    this.words[2 * i] = rest - carry * TWO_32;
    this.words[2 * i + 1] = highFromTop + carry;
  }
}

/** A base time split into words for `TimestampView.offset`. */
export interface TimestampBase {
  readonly high: number;
  readonly low: number;
}

export function timestampBase(ns: Nanos): TimestampBase {
  return { high: Number(ns >> 32n), low: Number(ns & 0xffffffffn) };
}

/** RFC 3339 with as many fraction digits as needed, as Go's RFC3339Nano prints it in UTC. */
export function formatRfc3339Nano(ns: Nanos): string {
  let seconds = ns / NS_PER_SECOND;
  let fraction = ns % NS_PER_SECOND;
  if (fraction < 0n) {
    fraction += NS_PER_SECOND;
    seconds -= 1n;
  }
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -5);
  const digits = fraction === 0n ? '' : `.${fraction.toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${whole}${digits}Z`;
}
