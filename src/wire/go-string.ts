/**
 * Go strings are bytes, ours are UTF-16. Cutting a Go string in the middle of a character leaves bytes that are not
 * UTF-8; such a byte B is kept as the lone surrogate U+DC00 + B (as Python's surrogateescape does, PEP 383), so lengths
 * and concatenations stay exact. `wellFormed` turns what is left over into U+FFFD, one for each byte, as Go's
 * encoders do.
 */
const NOT_ASCII = /[^\x00-\x7f]/;
const HAS_SURROGATE = /[\ud800-\udfff]/;

/** Beyond this length counting bytes natively beats a regular expression. */
const SHORT = 32;

export function isAscii(text: string): boolean {
  return text.length <= SHORT ? !NOT_ASCII.test(text) : Buffer.byteLength(text, 'utf8') === text.length;
}

export function escapedByte(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}

/** len(s): the number of bytes. */
export function goLength(text: string): number {
  if (isAscii(text)) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes++;
    else if (code < 0xd800 || code > 0xdfff) bytes += 2;
    else if (isPair(text, i)) {
      bytes += 2; // two units, four bytes
      i++;
    } else if (!isEscapedByte(code)) bytes += 2;
  }
  return bytes;
}

function isPair(text: string, i: number): boolean {
  const high = text.charCodeAt(i);
  const low = text.charCodeAt(i + 1);
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
}

function isEscapedByte(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff;
}

/** The bytes of a string, escaped bytes as themselves. */
export function encodeGoString(text: string): Uint8Array {
  if (!HAS_SURROGATE.test(text)) return Buffer.from(text, 'utf8');
  const out = Buffer.allocUnsafe(goLength(text));
  let at = 0;
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i);
    if (isEscapedByte(code)) {
      out[at++] = code - 0xdc00;
      i++;
      continue;
    }
    const start = i;
    while (i < text.length && !isEscapedByte(text.charCodeAt(i))) i += isPair(text, i) ? 2 : 1;
    at += out.write(text.slice(start, i), at, 'utf8');
  }
  return out;
}

/** A string of any bytes. */
export function decodeGoBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  let out = '';
  let valid = 0;
  for (let i = 0; i < buffer.length; ) {
    const length = runeLength(buffer, i);
    if (length === 0) {
      out += buffer.toString('utf8', valid, i) + escapedByte(buffer[i]!);
      valid = i + 1;
    }
    i += length === 0 ? 1 : length;
  }
  return out + buffer.toString('utf8', valid);
}

/** Bytes of the valid UTF-8 character at `i`; 0 when there is none. */
function runeLength(bytes: Uint8Array, i: number): number {
  const first = bytes[i]!;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (i + length > bytes.length) return 0;
  for (let k = 1; k < length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return 0;
  const second = bytes[i + 1]!;
  const isOverlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const isBeyond = (first === 0xed && second >= 0xa0) || (first === 0xf4 && second >= 0x90);
  return isOverlong || isBeyond ? 0 : length;
}

/** s[start:end] by bytes. The caller has checked 0 <= start <= end <= goLength(text). */
export function goSlice(text: string, start: number, end: number): string {
  if (isAscii(text)) return text.slice(start, end);
  return decodeGoBytes(encodeGoString(text).subarray(start, end));
}

/** Rejoins characters whose halves met again and replaces each byte that is still stray by U+FFFD. */
export function wellFormed(text: string): string {
  if (!HAS_SURROGATE.test(text)) return text;
  return decodeGoBytes(encodeGoString(text)).replace(/[\udc80-\udcff]/gu, '\ufffd');
}

/** Go's order of strings, by bytes; UTF-16 order differs from it beyond U+D7FF only. */
export function compareGoStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    if (x < 0xd800 && y < 0xd800) return x - y;
    return Buffer.compare(encodeGoString(a), encodeGoString(b));
  }
  return a.length - b.length;
}
