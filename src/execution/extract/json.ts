import type { FieldSink, LineParser } from './field-sink.js';
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  enterObject,
  FAULTS,
  hasEscape,
  isNull,
  JsonFault,
  keyEnd,
  nextKey,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
  skipSpace,
  unescapeJson,
  valueEnd,
  valueStart,
} from './json-text.js';
import { emitJsonString } from './json-value.js';
import { KeyTree } from './key-tree.js';

const MAX_DEPTH = 512;
const ROOT = 0;

/**
 * `| json`: flattens the object of a line into labels, with `_` between nested keys. Strings are unescaped, numbers keep
 * their text, null and arrays are left out. Follows the scanner Loki uses, byte by byte, without a string for keys and
 * values that are plain.
 */
export class JsonParser implements LineParser {
  private readonly keys = new KeyTree();
  private sink: FieldSink | null = null;
  private readonly objects = new Int32Array(MAX_DEPTH);
  private readonly lastKeys = new Int32Array(MAX_DEPTH);
  private depth = 0;

  parse(line: Buffer, start: number, end: number, sink: FieldSink): void {
    if (sink !== this.sink) this.keys.clear();
    this.sink = sink;
    this.keys.trim();
    this.depth = 0;
    const open = skipSpace(line, start, end);
    // Whole services write something else than JSON, and an exception costs more than a line.
    if (open === end || line[open] !== OPEN_BRACE) return sink.error('JSONParserErr', FAULTS.object.message);
    this.enter(ROOT);
    try {
      this.scan(line, enterObject(line, open, end), end, sink);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      sink.error('JSONParserErr', error.message);
    }
  }

  private enter(key: number): void {
    if (this.depth === MAX_DEPTH) throw FAULTS.depth;
    this.objects[this.depth] = key;
    this.lastKeys[this.depth] = 0;
    this.depth += 1;
  }

  /** `first`: the first key of the line's object, or the brace behind none. */
  private scan(line: Buffer, first: number, end: number, sink: FieldSink): void {
    let at = line[first] === CLOSE_BRACE ? ~(first + 1) : first;
    for (;;) {
      while (at < 0) {
        this.depth -= 1;
        if (this.depth === 0) return;
        at = nextKey(line, ~at, end);
      }
      const close = this.readKey(line, at, end);
      const key = this.lastKeys[this.depth - 1]!;
      // Most encoders write no white space, and then this is all there is between a key and its value.
      let value = close + 2;
      if (value >= end || line[close + 1] !== COLON || line[value]! <= SPACE) value = valueStart(line, close, end);
      if (line[value] === OPEN_BRACE) {
        const enters = this.enters(key, sink);
        // An object that never ends gives no labels at all.
        const behind = this.depth === 1 || !enters ? valueEnd(line, value, end) : 0;
        if (!enters) {
          at = nextKey(line, behind, end);
          continue;
        }
        this.enter(key);
        at = enterObject(line, value, end);
        if (line[at] === CLOSE_BRACE) at = ~(at + 1);
        continue;
      }
      const stop = valueEnd(line, value, end);
      if (this.keys.columns[key] !== -1 && this.emit(key, line, value, stop, sink)) return;
      at = stop + 1;
      if (at >= end || line[stop] !== COMMA || line[at] !== QUOTE) at = nextKey(line, stop, end);
    }
  }

  /** Makes the key at `at` the last one of its object and returns the position of its closing quote. */
  private readKey(line: Buffer, at: number, end: number): number {
    const { keys } = this;
    const level = this.depth - 1;
    const object = this.objects[level]!;
    const guess = keys.guess(object, this.lastKeys[level]!);
    if (guess !== 0 && line[at] === QUOTE) {
      const close = keys.match(guess, line, at + 1, end, QUOTE);
      if (close >= 0) {
        this.lastKeys[level] = guess;
        return close;
      }
    }
    const close = keyEnd(line, at, end);
    this.lastKeys[level] = this.lookUp(object, line, at + 1, close);
    return close;
  }

  private lookUp(object: number, line: Buffer, start: number, end: number): number {
    if (!hasEscape(line, start, end)) return this.keys.find(object, this.lastKeys[this.depth - 1]!, line, start, end);
    const text = unescapeJson(line, start, end, '\ufffd');
    if (text === null) throw FAULTS.escape;
    const bytes = Buffer.from(text);
    return this.keys.findUnexpected(object, bytes, 0, bytes.length);
  }

  /** Hands over a scalar. True when nothing more is wanted of this line. */
  private emit(key: number, line: Buffer, start: number, end: number, sink: FieldSink): boolean {
    const column = this.columnOf(key, sink);
    if (column < 0) return false;
    const first = line[start];
    if (first === QUOTE) emitJsonString(sink, column, line, start + 1, end - 1);
    else if (first === OPEN_BRACKET || isNull(line, start, end)) return false;
    else sink.bytes(column, line, start, end);
    return sink.done();
  }

  private enters(key: number, sink: FieldSink): boolean {
    const { entered, names } = this.keys;
    if (entered[key]! < 0) entered[key] = sink.enters(names[key]!) ? 1 : 0;
    return entered[key] === 1;
  }

  private columnOf(key: number, sink: FieldSink): number {
    const known = this.keys.columns[key]!;
    if (known !== -2) return known;
    const name = this.keys.names[key]!;
    const column = name === '' && this.depth === 1 ? -1 : sink.column(name, () => this.keys.path(key));
    this.keys.columns[key] = column;
    return column;
  }
}
