import type { JsonStage, LabelExtraction, LogfmtStage } from '../../src/planning/logql/ast.js';
import { elementsOf, JsonError, type JsonValue, keysOf, unescapeJson, valueAt } from './json.js';
import type { RowLabels } from './labels.js';
import { logfmtParts } from './logfmt.js';
import { regex } from './regex.js';

/** A42; only the first part of a name gets an underscore before a digit. */
function sanitized(key: string, isFirst = true): string {
  const clean = [...key.trim()].map((rune) => (/[A-Za-z0-9_]/.test(rune) ? rune : '_')).join('');
  return isFirst && /^\d/.test(clean) ? `_${clean}` : clean;
}

export function parseJson(stage: JsonStage, line: string, labels: RowLabels): void {
  if (labels.hints.noLabels || labels.isComplete) return;
  if (stage.extractions.length > 0) return jsonExpressions(stage.extractions, line, labels);
  try {
    flatten(line, [], labels);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    labels.failParsing('JSONParserErr', error.message);
  }
}

/** Returns false when no more is wanted. */
function flatten(object: string, prefix: readonly string[], labels: RowLabels): boolean {
  for (const [key, at] of keysOf(object)) {
    const { value } = valueAt(object, at);
    const part = sanitized(key, prefix.length === 0);
    if (part === '' && prefix.length === 0) continue;
    const path = part === '' ? prefix : [...prefix, part];
    if (value.kind === 'object') {
      if (!flatten(value.raw, path, labels)) return false;
    } else if (value.kind !== 'array' && value.kind !== 'null') {
      labels.extract(path.join('_'), textOf(value));
      if (labels.isComplete) return false;
    }
  }
  return true;
}

function textOf({ kind, raw }: JsonValue): string {
  return kind === 'string' ? (unescapeJson(raw) ?? '') : raw;
}

/** A45: as soon as one is not there, each that no label is called by is empty. */
function jsonExpressions(extractions: readonly LabelExtraction[], line: string, labels: RowLabels): void {
  if (line === '') return;
  if (!'{["'.includes(line[0]!)) return labels.failParsing('JSONParserErr', '');
  const last = new Map(extractions.map((each) => [each.name, each.expression]));
  let isMissing = false;
  for (const [name, expression] of last) {
    const found = follow(line, pathOf(expression), labels);
    if (found !== undefined) labels.set(labels.freeName(name), found.kind === 'null' ? '' : textOf(found));
    isMissing ||= found === undefined;
  }
  if (!isMissing) return;
  for (const name of last.keys()) if (labels.get(name) === undefined) labels.set(name, '');
}

function pathOf(expression: string): (string | number)[] {
  const steps = expression.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...steps].map(([, quoted, index, field]) => (index === undefined ? (quoted ?? field!) : Number(index)));
}

/** A broken value is an error only if it is the one that is wanted. */
function follow(text: string, path: readonly (string | number)[], labels: RowLabels): JsonValue | undefined {
  const [step, ...rest] = path;
  try {
    for (const [key, at] of typeof step === 'number' ? elementsOf(text).entries() : keysOf(text)) {
      if (key !== step) continue;
      const inner = typeof at === 'number' ? text.slice(at) : at.raw;
      if (rest.length > 0) return follow(inner, rest, labels);
      return typeof at === 'number' ? wantedValue(text, at, labels) : at;
    }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  return undefined;
}

function wantedValue(text: string, at: number, labels: RowLabels): JsonValue | undefined {
  try {
    return valueAt(text, at).value;
  } catch (error) {
    labels.failParsing('JSONParserErr', (error as JsonError).message);
    return undefined;
  }
}

export function parseLogfmt(stage: LogfmtStage, line: string, labels: RowLabels): void {
  if (labels.hints.noLabels || labels.isComplete) return;
  const wanted = new Map(stage.extractions.map((each) => [each.name, unquoted(each.expression)]));
  for (const name of wanted.keys()) if (labels.freeName(name) === name) labels.set(name, '');
  for (const part of logfmtParts(line)) {
    if ('error' in part) {
      if (!stage.strict) continue;
      return labels.failParsing('LogfmtParserErr', part.error);
    }
    const key = sanitized(part.pair.key);
    const value = part.pair.value.includes('\ufffd') ? '' : part.pair.value;
    if (key === '') continue;
    if (wanted.size > 0) {
      if (!logfmtExpression(wanted, key, value, labels)) return;
    } else if (value !== '' || stage.keepEmpty) labels.extract(key, value);
    if (labels.isComplete) return;
  }
}

/**
 * The last of equal keys wins, and a key that is called like a label is taken for it: so Loki. Returns false where it
 * reads no further: when a key comes again whose label has been moved.
 */
function logfmtExpression(wanted: ReadonlyMap<string, string>, key: string, value: string, labels: RowLabels): boolean {
  const name = [...wanted].find(([, expression]) => expression === key)?.[0] ?? key;
  if (!wanted.has(name)) return true;
  const free = labels.freeName(name);
  if (free !== name && labels.extracted.has(free)) return false;
  labels.set(free, value);
  return true;
}

function unquoted(expression: string): string {
  return expression.startsWith('"') ? (JSON.parse(expression) as string) : expression;
}

/** A48. */
export function parseRegexp(pattern: string, line: string, labels: RowLabels): void {
  const compiled = regex(pattern);
  const match = compiled.matcher(line);
  if (labels.hints.noLabels || !match.find()) return;
  const names = Object.entries(compiled.namedGroups() as Record<string, number>).sort(([, a], [, b]) => a - b);
  for (const [name, group] of names) labels.extract(name, match.group(group) ?? '');
}

/** A49. */
export function parsePattern(pattern: string, line: string, labels: RowLabels): void {
  if (labels.hints.noLabels || line === '') return;
  const nodes = pattern.split(/(<\w+>)/).filter((node) => node !== '');
  let rest = line;
  if (!nodes[0]!.startsWith('<')) {
    const literal = nodes.shift()!;
    if (!rest.startsWith(literal)) return;
    rest = rest.slice(literal.length);
  }
  for (let i = 0; i < nodes.length; i += 2) {
    const name = nodes[i]!.slice(1, -1);
    const literal = nodes[i + 1];
    const at = literal === undefined ? -1 : rest.indexOf(literal);
    if (name !== '_') labels.extract(name, at < 0 ? rest : rest.slice(0, at));
    if (at < 0) return;
    rest = rest.slice(at + literal!.length);
  }
}

/** A50. Returns the line that was packed, or the same. */
export function unpack(line: string, labels: RowLabels): string {
  if (line === '') return line;
  if (line[0] !== '{') {
    labels.failParsing('JSONParserErr', 'expecting json object(6), but it is not');
    return line;
  }
  const found: [string, string][] = [];
  let entry: string | undefined;
  try {
    for (const [key, at] of keysOf(line)) {
      const { value } = valueAt(line, at);
      if (value.kind !== 'string') continue;
      if (key === '_entry') entry = textOf(value);
      else found.push([sanitized(key), textOf(value)]);
    }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    labels.failParsing('JSONParserErr', error.message);
    return line;
  }
  if (entry === undefined) return line;
  for (const [key, value] of found) labels.extract(key, value);
  return entry;
}
