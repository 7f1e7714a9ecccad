/** A run of bytes with both of its views, so that hot loops choose the faster one without making objects. */
export interface ByteRun {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export function byteRun(bytes: Uint8Array): ByteRun {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** From here on `set` with its fixed cost beats copying word by word (measured on Node 20: 50 ns against 0.45 ns/byte). */
const BLOCK = 100;

/** Copies `length` bytes; short runs go word by word, the last word overlapping the one before. */
export function copyBytes(from: ByteRun, start: number, to: ByteRun, at: number, length: number): void {
  if (length >= BLOCK) to.bytes.set(from.bytes.subarray(start, start + length), at);
  else copyWords(from.view, start, to.view, at, length);
}

/** Copies `length` bytes and tells whether all of them were ASCII. */
export function copyIsAscii(from: ByteRun, start: number, to: ByteRun, at: number, length: number): boolean {
  if (length < BLOCK) return (copyWords(from.view, start, to.view, at, length) & NON_ASCII) === 0;
  to.bytes.set(from.bytes.subarray(start, start + length), at);
  return isAscii(from.view, start, length);
}

const NON_ASCII = 0x80808080 | 0;

/** Returns the bits that any word has. */
export function copyWords(from: DataView, start: number, to: DataView, at: number, length: number): number {
  let seen = 0;
  if (length < 4) {
    for (let i = 0; i < length; i++) {
      const byte = from.getUint8(start + i);
      to.setUint8(at + i, byte);
      seen |= byte;
    }
    return seen;
  }
  const last = length - 4;
  for (let i = 0; i < last; i += 4) {
    const word = from.getInt32(start + i, true);
    to.setInt32(at + i, word, true);
    seen |= word;
  }
  const word = from.getInt32(start + last, true);
  to.setInt32(at + last, word, true);
  return seen | word;
}

export function equalBytes(a: DataView, aStart: number, b: DataView, bStart: number, length: number): boolean {
  if (length < 4) {
    for (let i = 0; i < length; i++) if (a.getUint8(aStart + i) !== b.getUint8(bStart + i)) return false;
    return true;
  }
  const last = length - 4;
  for (let i = 0; i < last; i += 4) if (a.getInt32(aStart + i) !== b.getInt32(bStart + i)) return false;
  return a.getInt32(aStart + last) === b.getInt32(bStart + last);
}

function isAscii(view: DataView, start: number, length: number): boolean {
  let seen = view.getInt32(start + length - 4);
  for (let i = 0; i < length - 4; i += 4) seen |= view.getInt32(start + i);
  return (seen & NON_ASCII) === 0;
}
