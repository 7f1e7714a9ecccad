import { decodeRune, RUNE_ERROR } from '../regex/rune.js';
import type { FieldSink } from './field-sink.js';

/**
 * Bytes as text the way Go ranges over a string: each invalid byte, like U+FFFD itself, becomes `replacement` (which
 * Node's decoder does once for several bytes).
 */
export function decodeText(bytes: Buffer, start: number, end: number, replacement: string): string {
  const text = bytes.utf8Slice(start, end);
  if (!text.includes('\ufffd')) return text;
  let out = '';
  let copied = start;
  for (let at = start; at < end; ) {
    const rune = decodeRune(bytes, at, end);
    const next = at + (rune & 7);
    if (rune >> 3 === RUNE_ERROR) {
      out += bytes.utf8Slice(copied, at) + replacement;
      copied = next;
    }
    at = next;
  }
  return out + bytes.utf8Slice(copied, end);
}

/**
 * Hands over a value, with spaces for what is no valid UTF-8 (which Prometheus would refuse). `ascii`: known to be plain.
 */
export function emitText(
  sink: FieldSink,
  column: number,
  bytes: Buffer,
  start: number,
  end: number,
  ascii = isAsciiSpan(bytes, start, end),
): void {
  if (ascii || !bytes.utf8Slice(start, end).includes('\ufffd')) sink.bytes(column, bytes, start, end);
  else sink.text(column, decodeText(bytes, start, end, ' '));
}

export function isAsciiSpan(bytes: Buffer, start: number, end: number): boolean {
  let all = 0;
  for (let at = start; at < end; at++) all |= bytes[at]!;
  return all < 0x80;
}

/** What Go's unicode.IsSpace holds for. */
const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const OUTER_SPACE = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g');

/**
 * A key as part of a label name: trimmed, and each code point that label names do not have becomes `_`. '' for a blank
 * key.
 */
export function sanitizePart(bytes: Buffer, start: number, end: number): string {
  const text = decodeText(bytes, start, end, '\ufffd').replace(OUTER_SPACE, '');
  return text.replace(/[^a-zA-Z0-9_]/gu, '_');
}

/** Joins a part to a name with `_`; a name does not begin with a digit. */
export function joinName(name: string, part: string): string {
  if (part === '') return name;
  if (name !== '') return `${name}_${part}`;
  return /^[0-9]/.test(part) ? `_${part}` : part;
}
