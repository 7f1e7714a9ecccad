import { type PathStep, parseJsonPath } from '../../planning/extract/json-path.js';
import type { LabelExtraction } from '../../planning/logql/ast.js';
import type { ExpressionParser, ExpressionSink, FieldSink } from './field-sink.js';
import {
  CLOSE_BRACE,
  COLON,
  enterObject,
  FAULTS,
  hasEscape,
  isNull,
  JsonFault,
  keyEnd,
  nextElement,
  nextKey,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  unescapeJson,
  valueEnd,
  valueStart,
} from './json-text.js';
import { emitJsonString } from './json-value.js';

const CLOSE_BRACKET = 0x5d;
const MAX_DEPTH = 512;

/** What is wanted at a place in a JSON value and below it. */
interface Place {
  /** Extractions whose path ends here. */
  readonly wanted: number[];
  readonly keys: { readonly name: Buffer; readonly place: Place }[];
  readonly elements: { readonly index: number; readonly place: Place }[];
}

/**
 * `| json a="x.y[0]"`: the values at some paths of a line, found in one pass over it. A path that leads nowhere gives an
 * empty label unless there is one of that name, null always does; objects and arrays are given as they are written.
 * Throws an Error with Loki's text when a path is invalid.
 */
export class JsonExpressionParser implements ExpressionParser {
  private readonly names: readonly string[];
  private readonly root: Place;
  private readonly found: Uint8Array;
  private columns: readonly number[] = [];
  private sink: FieldSink | null = null;
  private missing = 0;
  private reading = false;

  constructor(extractions: readonly LabelExtraction[]) {
    this.names = extractions.map(({ name }) => name);
    this.root = placesOf(extractions.map(({ expression }) => parseJsonPath(expression)));
    this.found = new Uint8Array(extractions.length);
  }

  parse(line: Buffer, start: number, end: number, sink: ExpressionSink): void {
    if (start === end) return;
    if (sink !== this.sink) this.columns = this.names.map((name) => sink.column(name));
    this.sink = sink;
    this.found.fill(0);
    this.missing = this.names.length;
    this.reading = false;
    try {
      if (!this.begin(line, start, end, sink)) return;
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      // Loki gives up without a word, unless it was reading a value that was asked for.
      if (this.reading) sink.error('JSONParserErr', error.message);
    }
    if (this.missing === 0) return;
    for (const column of this.columns) if (column >= 0) sink.blank(column);
  }

  /** False when the line is no JSON at all. */
  private begin(line: Buffer, start: number, end: number, sink: FieldSink): boolean {
    const first = line[start];
    if (first === OPEN_BRACE || first === OPEN_BRACKET) this.visit(this.root, line, start, end, sink, 0);
    else if (first === QUOTE) this.refuseBareKey(line, start, end);
    else sink.error('JSONParserErr', '');
    return first === OPEN_BRACE || first === OPEN_BRACKET || first === QUOTE;
  }

  private refuseBareKey(line: Buffer, start: number, end: number): void {
    const behind = skipSpace(line, valueEnd(line, start, end), end);
    if (line[behind] !== COLON || behind === end) return;
    this.reading = true;
    throw FAULTS.json;
  }

  /** Looks for what is wanted below a place; returns the position behind its value, -1 when nothing is missing now. */
  private visit(place: Place, line: Buffer, at: number, end: number, sink: FieldSink, depth: number): number {
    if (depth < MAX_DEPTH) {
      if (line[at] === OPEN_BRACE) return this.visitObject(place, line, at, end, sink, depth);
      if (line[at] === OPEN_BRACKET) return this.visitArray(place, line, at, end, sink, depth);
    }
    return valueEnd(line, at, end);
  }

  private visitObject(place: Place, line: Buffer, open: number, end: number, sink: FieldSink, depth: number): number {
    let at = enterObject(line, open, end);
    if (line[at] === CLOSE_BRACE) return at + 1;
    for (;;) {
      const close = keyEnd(line, at, end);
      const below = keyPlace(place, line, at + 1, close);
      this.reading = below !== null && this.misses(below) && line[skipSpace(line, close + 1, end)] === COLON;
      const value = valueStart(line, close, end);
      this.reading = false;
      const stop = below === null ? valueEnd(line, value, end) : this.take(below, line, value, end, sink, depth);
      if (stop < 0) return -1;
      at = nextKey(line, stop, end);
      if (at < 0) return ~at;
    }
  }

  private misses({ wanted }: Place): boolean {
    return wanted.some((i) => this.found[i] === 0);
  }

  private visitArray(place: Place, line: Buffer, open: number, end: number, sink: FieldSink, depth: number): number {
    if (place.elements.length === 0) return valueEnd(line, open, end);
    let at = skipSpace(line, open + 1, end);
    if (at === end) throw FAULTS.json;
    if (line[at] === CLOSE_BRACKET) return at + 1;
    for (let i = 0; ; i++) {
      const below = place.elements.find(({ index }) => index === i)?.place ?? null;
      const stop = below === null ? valueEnd(line, at, end) : this.take(below, line, at, end, sink, depth);
      if (stop < 0) return -1;
      at = nextElement(line, stop, end);
      if (at < 0) return ~at;
    }
  }

  /** Hands over the value at a place where something is wanted, and what is wanted below. */
  private take(place: Place, line: Buffer, at: number, end: number, sink: FieldSink, depth: number): number {
    for (const i of place.wanted) {
      if (this.found[i] !== 0) continue;
      this.reading = true;
      const stop = valueEnd(line, at, end);
      this.reading = false;
      this.found[i] = 1;
      this.missing -= 1;
      const column = this.columns[i]!;
      if (column >= 0) emitValue(sink, column, line, at, stop);
    }
    if (this.missing === 0) return -1;
    return this.visit(place, line, at, end, sink, depth + 1);
  }
}

function emitValue(sink: FieldSink, column: number, line: Buffer, start: number, end: number): void {
  const first = line[start];
  if (first === QUOTE) emitJsonString(sink, column, line, start + 1, end - 1);
  else if (first === OPEN_BRACE) sink.bytes(column, line, start, end);
  else if (isNull(line, start, end)) sink.text(column, '');
  else emitJsonString(sink, column, line, start, end); // Loki unescapes the text of an array, too
}

function keyPlace(place: Place, line: Buffer, start: number, end: number): Place | null {
  if (hasEscape(line, start, end)) {
    const text = unescapeJson(line, start, end, '\ufffd');
    if (text === null) throw FAULTS.escape;
    return place.keys.find(({ name }) => name.equals(Buffer.from(text)))?.place ?? null;
  }
  for (const { name, place: below } of place.keys) {
    if (name.length === end - start && name.compare(line, start, end) === 0) return below;
  }
  return null;
}

function placesOf(paths: readonly (readonly PathStep[])[]): Place {
  const root = newPlace();
  paths.forEach((path, i) => {
    let place = root;
    for (const step of path) place = step.kind === 'key' ? keyBelow(place, step.name) : elementBelow(place, step.index);
    place.wanted.push(i);
  });
  return root;
}

function newPlace(): Place {
  return { wanted: [], keys: [], elements: [] };
}

function keyBelow(place: Place, text: string): Place {
  const name = Buffer.from(text);
  const known = place.keys.find((key) => key.name.equals(name));
  if (known !== undefined) return known.place;
  const below = newPlace();
  place.keys.push({ name, place: below });
  return below;
}

function elementBelow(place: Place, index: number): Place {
  const known = place.elements.find((element) => element.index === index);
  if (known !== undefined) return known.place;
  const below = newPlace();
  place.elements.push({ index, place: below });
  return below;
}
