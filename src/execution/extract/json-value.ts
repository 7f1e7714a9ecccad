import type { FieldSink } from './field-sink.js';
import { BACKSLASH, unescapeJson } from './json-text.js';
import { emitText } from './text.js';

/**
 * Hands over the content of a JSON string: unescaped, with spaces for what is no valid UTF-8, and '' where an escape is
 * broken.
 */
export function emitJsonString(sink: FieldSink, column: number, bytes: Buffer, start: number, end: number): void {
  let all = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH) {
      sink.text(column, unescapeJson(bytes, start, end, ' ') ?? '');
      return;
    }
    all |= byte;
  }
  emitText(sink, column, bytes, start, end, all < 0x80);
}
