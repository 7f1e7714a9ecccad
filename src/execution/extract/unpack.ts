import type { FieldSink } from './field-sink.js';
import {
  CLOSE_BRACE,
  enterObject,
  FAULTS,
  hasEscape,
  JsonFault,
  keyEnd,
  nextKey,
  OPEN_BRACE,
  QUOTE,
  unescapeJson,
  valueEnd,
  valueStart,
} from './json-text.js';
import { emitJsonString } from './json-value.js';
import { joinName, sanitizePart } from './text.js';

const ENTRY = '_entry';

interface Packed {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * `| unpack`: undoes Promtail's `pack`. The strings of the line's object become labels and `_entry` becomes the line;
 * without an `_entry` nothing happens.
 */
export class UnpackParser {
  /** Reads line[start..end). Returns the new line; undefined when it stays as it is. Never throws. */
  parse(line: Buffer, start: number, end: number, sink: FieldSink): string | undefined {
    if (start === end) return undefined;
    if (line[start] !== OPEN_BRACE) {
      sink.error('JSONParserErr', 'expecting json object(6), but it is not');
      return undefined;
    }
    const labels: Packed[] = [];
    try {
      const entry = this.scan(line, start, end, labels);
      if (entry === undefined) return undefined;
      for (const label of labels) this.emit(label, line, sink);
      return entry;
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      sink.error('JSONParserErr', error.message);
      return undefined;
    }
  }

  private scan(line: Buffer, start: number, end: number, labels: Packed[]): string | undefined {
    let entry: string | undefined;
    let at = enterObject(line, start, end);
    if (line[at] === CLOSE_BRACE) return undefined;
    while (at >= 0) {
      const close = keyEnd(line, at, end);
      const key = keyBytes(line, at + 1, close);
      const value = valueStart(line, close, end);
      const stop = valueEnd(line, value, end);
      if (line[value] === QUOTE && key.latin1Slice(0, key.length) === ENTRY) {
        const text = unescapeJson(line, value + 1, stop - 1, '\ufffd');
        if (text === null) throw FAULTS.escape;
        entry = text;
      } else if (line[value] === QUOTE) {
        setLast(labels, { name: joinName('', sanitizePart(key, 0, key.length)), start: value + 1, end: stop - 1 });
      }
      at = nextKey(line, stop, end);
    }
    return entry;
  }

  private emit({ name, start, end }: Packed, line: Buffer, sink: FieldSink): void {
    const column = name === '' ? -1 : sink.column(name);
    if (column >= 0) emitJsonString(sink, column, line, start, end);
  }
}

/** Of equal keys the last one counts, in the place of the first. */
function setLast(labels: Packed[], label: Packed): void {
  const known = labels.findIndex(({ name }) => name === label.name);
  if (known < 0) labels.push(label);
  else labels[known] = label;
}

function keyBytes(line: Buffer, start: number, end: number): Buffer {
  if (!hasEscape(line, start, end)) return line.subarray(start, end);
  const text = unescapeJson(line, start, end, '\ufffd');
  if (text === null) throw FAULTS.escape;
  return Buffer.from(text);
}
