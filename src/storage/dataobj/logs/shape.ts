/**
 * The shape of a line is the line without its numbers: every run of digits becomes `0`, and every word of hexadecimal
 * digits that has both letters and digits becomes `1`. Lines that one statement of a program has logged differ in little
 * else, so a section has few shapes, and what a condition on lines says of a shape it says of all its rows. (CLP, Rodrigues
 * et al., OSDI 2021, splits lines into types and variables; we keep lines whole and only look at their shapes first.)
 *
 * A digit in a shape always stands for a run, and every other byte for itself.
 */
export const DIGITS_MARK = 0x30;
export const HEX_MARK = 0x31;

const DIGIT = 1;
const HEX_LETTER = 2;
const LETTER = 4;
const HEX_WORD = DIGIT | HEX_LETTER;

/** What a byte is to a word; bytes beyond ASCII end words. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  if (byte >= 0x61 && byte <= 0x66) return HEX_LETTER;
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) ? LETTER : 0;
});

/** Writes the shape of source[from..to-1], which is not longer, to out[at..] and returns the position after it. */
export function putShape(source: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  let word = at; // where the current word began
  let kinds = 0; // of its bytes
  let last = 0;
  for (let i = from; i < to; i++) {
    const byte = source[i]!;
    const kind = KINDS[byte]!;
    if (kind === 0) {
      if (kinds === HEX_WORD) {
        out[word] = HEX_MARK;
        at = word + 1;
      }
      out[at++] = byte;
      word = at;
      kinds = 0;
    } else {
      if (kind !== DIGIT) out[at++] = byte;
      else if (last !== DIGIT) out[at++] = DIGITS_MARK;
      kinds |= kind;
    }
    last = kind;
  }
  if (kinds !== HEX_WORD) return at;
  out[word] = HEX_MARK;
  return word + 1;
}
