/**
 * JSON as forgivingly as buger/jsonparser reads it: a member at a time, from the front, so that what stands before an
 * error has been seen when it is found; what follows the closing brace is not looked at.
 */
export type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

export interface JsonValue {
  readonly kind: JsonKind;
  /** As written; of strings what stands between the quotes. */
  readonly raw: string;
}

export class JsonError extends Error {}

const STRING = "Value is string, but can't find closing '\"' symbol";
const OBJECT = "Value looks like object, but can't find closing '}' symbol";
const ARRAY = "Value is array, but can't find closing ']' symbol";
const VALUE = "Value looks like Number/Boolean/None, but can't find its end: ',' or '}' symbol";
const MALFORMED = 'Malformed JSON error';

/** The keys of an object and where their values begin, as far as it can be read. Throws JsonError. */
export function* keysOf(text: string): Generator<readonly [key: string, at: number]> {
  let at = nextToken(text, 0);
  if (text[at] !== '{') throw new JsonError(OBJECT);
  at = required(nextToken(text, at + 1), text, MALFORMED);
  for (;;) {
    if (text[at] === '}') return;
    if (text[at] !== '"') throw new JsonError(OBJECT);
    const end = stringEnd(text, at + 1);
    if (end < 0) throw new JsonError(MALFORMED);
    const key = unescapeJson(text.slice(at + 1, end));
    if (key === undefined) throw new JsonError('Encountered an invalid escape sequence in a string');
    at = required(nextToken(text, end + 1), text, MALFORMED);
    if (text[at] !== ':') throw new JsonError(MALFORMED);
    yield [key, at + 1];
    at = required(nextToken(text, valueAt(text, at + 1).end), text, ARRAY);
    if (text[at] === '}') return;
    if (text[at] !== ',') throw new JsonError(OBJECT);
    at = required(nextToken(text, at + 1), text, ARRAY);
  }
}

/** The elements of an array, as far as they can be read. */
export function elementsOf(text: string): JsonValue[] {
  const elements: JsonValue[] = [];
  for (let at = nextToken(text, nextToken(text, 0) + 1); at < text.length && text[at] !== ']'; ) {
    const { value, end } = valueAt(text, at);
    elements.push(value);
    at = nextToken(text, end);
    if (text[at] === ',') at = nextToken(text, at + 1);
  }
  return elements;
}

export function valueAt(text: string, from: number): { value: JsonValue; end: number } {
  const at = required(nextToken(text, from), text, MALFORMED);
  const first = text[at]!;
  if (first === '"') {
    const end = stringEnd(text, at + 1);
    if (end < 0) throw new JsonError(STRING);
    return { value: { kind: 'string', raw: text.slice(at + 1, end) }, end: end + 1 };
  }
  if (first === '{' || first === '[') {
    const end = blockEnd(text, at, first, first === '{' ? '}' : ']');
    if (end < 0) throw new JsonError(first === '{' ? OBJECT : ARRAY);
    return { value: { kind: first === '{' ? 'object' : 'array', raw: text.slice(at, end) }, end };
  }
  const raw = /^[^ \n\r\t,}\]]*/.exec(text.slice(at))![0];
  const end = at + raw.length;
  if (raw === 'true' || raw === 'false') return { value: { kind: 'boolean', raw }, end };
  if (raw === 'null') return { value: { kind: 'null', raw }, end };
  if (/^[-\d]/.test(raw)) return { value: { kind: 'number', raw }, end };
  throw new JsonError(raw === '' ? VALUE : 'Unknown value type');
}

function nextToken(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \n\r\t'.includes(text[at]!)) at++;
  return at;
}

function required(at: number, text: string, message: string): number {
  if (at >= text.length) throw new JsonError(message);
  return at;
}

/** Where the closing quote stands, -1 if nowhere. */
function stringEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
  return -1;
}

/** Behind the bracket that closes the one at `from`; only brackets of its kind count, and none in strings. */
function blockEnd(text: string, from: number, open: string, close: string): number {
  let level = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') {
      at = stringEnd(text, at + 1);
      if (at < 0) return -1;
    } else if (text[at] === open) level++;
    else if (text[at] === close && --level === 0) return at + 1;
  }
  return -1;
}

/** Undefined where an escape is broken. What is no character becomes a space (A44). */
export function unescapeJson(raw: string): string | undefined {
  try {
    const text = JSON.parse(
      `"${raw.replace(/[\x00-\x1f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`,
    );
    return (text as string).replace(/\ufffd/g, ' ');
  } catch {
    return undefined;
  }
}
