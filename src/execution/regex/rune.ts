/** Go's reading of invalid UTF-8: U+FFFD, one byte wide. */
export const RUNE_ERROR = 0xfffd;

const INVALID = (RUNE_ERROR << 3) | 1;

/**
 * Decodes the code point at `at` (< end) as Go's `utf8.DecodeRune` does. Returns the code point times 8 plus its width
 * in bytes.
 */
export function decodeRune(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return (lead << 3) | 1;
  if (lead < 0xc2 || lead > 0xf4 || at + 1 >= end) return INVALID;
  const second = bytes[at + 1]!;
  if ((second & 0xc0) !== 0x80) return INVALID;
  if (lead < 0xe0) return ((((lead & 0x1f) << 6) | (second & 0x3f)) << 3) | 2;
  if (at + 2 >= end || (bytes[at + 2]! & 0xc0) !== 0x80) return INVALID;
  const third = bytes[at + 2]! & 0x3f;
  if (lead < 0xf0) {
    const rune = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | third;
    return rune < 0x800 || (rune >= 0xd800 && rune <= 0xdfff) ? INVALID : (rune << 3) | 3;
  }
  if (at + 3 >= end || (bytes[at + 3]! & 0xc0) !== 0x80) return INVALID;
  const rune = ((lead & 0x07) << 18) | ((second & 0x3f) << 12) | (third << 6) | (bytes[at + 3]! & 0x3f);
  return rune < 0x10000 || rune > 0x10ffff ? INVALID : (rune << 3) | 4;
}
