/** What expressions read. */
import { unreachable } from '../../wire/exhaustive.js';
import { referencedFields, type TemplateReferences } from '../template/fields.js';
import { parseTemplate } from '../template/parse.js';
import {
  type ColumnRef,
  ERROR,
  ERROR_DETAILS,
  type LabelFormat,
  MESSAGE,
  type Predicate,
  type RowFunction,
} from './expression.js';

const SUFFIX = '_extracted';

export function predicateColumns(predicate: Predicate): readonly ColumnRef[] {
  switch (predicate.kind) {
    case 'compare':
      return [predicate.column];
    case 'and':
    case 'or':
      return [...predicateColumns(predicate.left), ...predicateColumns(predicate.right)];
    case 'not':
      return predicateColumns(predicate.inner);
    default:
      return unreachable(predicate);
  }
}

/** Top-level conditions of which all must hold. */
export function conjuncts(predicate: Predicate): readonly Predicate[] {
  const found: Predicate[] = [];
  const open = [predicate];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'and') open.push(next.right, next.left);
    else found.push(next);
  }
  return found;
}

export function isMessage(column: ColumnRef): boolean {
  return column.type === 'builtin' && column.name === MESSAGE.name;
}

/** `__error__` and `__error_details__` are kept by the functions that set them; no scan knows them. */
export function isErrorLabel(name: string): boolean {
  return name === ERROR.name || name === ERROR_DETAILS.name;
}

/** Names with and without `_extracted`: which of the two a parsed label gets is known per row only. Sorted. */
export function withBaseNames(names: Iterable<string>): readonly string[] {
  const all = new Set<string>();
  for (const name of names) {
    all.add(name);
    if (name.endsWith(SUFFIX)) all.add(name.slice(0, -SUFFIX.length));
  }
  return [...all].sort();
}

export function lineTemplateFields(template: string): TemplateReferences {
  return referencedFields(parseTemplate('line', template));
}

/** All that a label_format reads: sources of renames, and what its templates mention. */
export function labelFormatFields(formats: readonly LabelFormat[]): TemplateReferences {
  const read = formats.map(
    (format): TemplateReferences =>
      format.kind === 'rename'
        ? { labels: [format.source], line: false, timestamp: false }
        : referencedFields(parseTemplate('label', format.template)),
  );
  const labels = read.some((fields) => fields.labels === 'all') ? 'all' : read.flatMap((fields) => fields.labels);
  return { labels, line: read.some((fields) => fields.line), timestamp: read.some((fields) => fields.timestamp) };
}

/** Whether the function looks at the time of a row. */
export function readsTimestamp(fn: RowFunction): boolean {
  if (fn.kind === 'line-format') return lineTemplateFields(fn.template).timestamp;
  return fn.kind === 'label-format' && labelFormatFields(fn.formats).timestamp;
}

/** Whether the function makes labels or conditions out of the line, so that what the line says matters before it. */
export function consumesLine(fn: RowFunction): boolean {
  switch (fn.kind) {
    case 'parse-json':
    case 'parse-json-expressions':
    case 'parse-logfmt':
    case 'parse-logfmt-expressions':
    case 'parse-regexp':
    case 'parse-pattern':
    case 'unpack':
      return true;
    case 'label-format':
      return labelFormatFields(fn.formats).line;
    case 'line-format':
    case 'decolorize':
    case 'drop':
    case 'keep':
    case 'unwrap':
      return false;
    default:
      return unreachable(fn);
  }
}

/**
 * Typed comparisons mark rows that do not convert and pass rows that are marked already; so do addresses (A56, A57).
 * Comparisons of the error labels see the mark.
 */
export function touchesErrors(predicate: Predicate): boolean {
  if (predicate.kind === 'not') return touchesErrors(predicate.inner);
  if (predicate.kind !== 'compare') return touchesErrors(predicate.left) || touchesErrors(predicate.right);
  const { op, column, literal } = predicate;
  if (column.type === 'builtin') return false;
  const typed = literal.type !== 'string' || op === 'MATCH_IP' || op === 'NOT_MATCH_IP';
  return typed || isErrorLabel(column.name);
}
