/** Expressions as text, stable to the byte; shared by the logical and the physical plan. */
import { formatGoDuration } from '../../wire/duration.js';
import { unreachable } from '../../wire/exhaustive.js';
import { formatGoFloat } from '../../wire/go-number.js';
import { quoteGo } from '../../wire/labels.js';
import { formatRfc3339Nano } from '../../wire/time.js';
import {
  type ColumnRef,
  columnOf,
  type LabelPick,
  type Literal,
  type Predicate,
  type RowFunction,
} from './expression.js';

const PICK_OPS = { '=': 'EQ', '!=': 'NEQ', '=~': 'MATCH_RE', '!~': 'NOT_MATCH_RE' } as const;
const CASTS = {
  none: 'CAST_FLOAT',
  bytes: 'CAST_BYTES',
  duration: 'CAST_DURATION',
  duration_seconds: 'CAST_DURATION',
} as const;

/** How columns are named: `ambiguous.level`, or just `level`. */
export type ColumnStyle = (column: ColumnRef) => string;

export const qualified: ColumnStyle = (column) => `${column.type}.${column.name}`;

export function listText(columns: readonly ColumnRef[]): string {
  return `(${columns.map(qualified).join(', ')})`;
}

export function literalText(literal: Literal): string {
  switch (literal.type) {
    case 'string':
      return quoteGo(literal.value);
    case 'float':
      return formatGoFloat(literal.value);
    case 'duration':
      return formatGoDuration(literal.value);
    case 'bytes':
      return `${literal.value}B`;
    case 'timestamp':
      return formatRfc3339Nano(literal.value);
    case 'bool':
      return String(literal.value);
    default:
      return unreachable(literal);
  }
}

/** `EQ(ambiguous.level, "error")`. */
export function predicateText(predicate: Predicate, column: ColumnStyle = qualified): string {
  switch (predicate.kind) {
    case 'compare':
      return `${predicate.op}(${column(predicate.column)}, ${literalText(predicate.literal)})`;
    case 'and':
    case 'or': {
      const op = predicate.kind.toUpperCase();
      return `${op}(${predicateText(predicate.left, column)}, ${predicateText(predicate.right, column)})`;
    }
    case 'not':
      return `NOT(${predicateText(predicate.inner, column)})`;
    default:
      return unreachable(predicate);
  }
}

export function pickText({ name, op, value }: LabelPick): string {
  const column = qualified(columnOf(name));
  return op === undefined ? column : `${PICK_OPS[op]}(${column}, ${quoteGo(value ?? '')})`;
}

/** `PARSE_JSON(builtin.message, [], false, false)`; drop and keep print what they pick. */
export function functionText(fn: RowFunction): string {
  switch (fn.kind) {
    case 'parse-json':
      return `PARSE_JSON(builtin.message, ${keysText(fn.keys)}, false, false${untilText(fn.until)}${errorsText(fn)})`;
    case 'parse-json-expressions':
      return `PARSE_JSON_EXPRESSIONS(builtin.message, ${extractionsText(fn.extractions)}${untilText(fn.until)})`;
    case 'parse-logfmt':
      return `PARSE_LOGFMT(builtin.message, ${keysText(fn.keys)}, ${fn.strict}, ${fn.keepEmpty}${untilText(fn.until)}${errorsText(fn)})`;
    case 'parse-logfmt-expressions': {
      const flags = `${fn.strict}, ${fn.keepEmpty}`;
      return `PARSE_LOGFMT_EXPRESSIONS(builtin.message, ${extractionsText(fn.extractions)}, ${flags}${untilText(fn.until)})`;
    }
    case 'parse-regexp':
      return `PARSE_REGEXP(builtin.message, ${quoteGo(fn.pattern)})`;
    case 'parse-pattern':
      return `PARSE_PATTERN(builtin.message, ${quoteGo(fn.pattern)})`;
    case 'unpack':
      return `UNPACK(builtin.message${untilText(fn.until)})`;
    case 'line-format':
      return `PARSE_LINEFMT(builtin.message, [], ${quoteGo(fn.template)})`;
    case 'label-format':
      return `PARSE_LABELFMT(builtin.message, [], [${fn.formats.map(formatText).join(', ')}])`;
    case 'decolorize':
      return 'DECOLORIZE(builtin.message)';
    case 'drop':
    case 'keep':
      return fn.picks.map(pickText).join(', ');
    case 'unwrap':
      return `${CASTS[fn.conversion]}(${qualified(columnOf(fn.label))})`;
    default:
      return unreachable(fn);
  }
}

/** `[]` is everything, as Loki prints it. */
function keysText(keys: readonly string[] | undefined): string {
  return keys?.length === 0 ? 'none' : `[${(keys ?? []).join(', ')}]`;
}

function untilText(until: readonly string[] | undefined): string {
  return until === undefined ? '' : `, until=[${until.join(', ')}]`;
}

function errorsText({ errorsUnseen }: { readonly errorsUnseen?: true }): string {
  return errorsUnseen ? ', errors=unseen' : '';
}

function extractionsText(extractions: readonly { readonly name: string; readonly expression: string }[]): string {
  return `[${extractions.map(({ name, expression }) => `${name}=${quoteGo(expression)}`).join(', ')}]`;
}

function formatText(format: (RowFunction & { kind: 'label-format' })['formats'][number]): string {
  const isRename = format.kind === 'rename';
  const value = isRename ? format.source : format.template;
  return `{Name:${quoteGo(format.name)}, Value:${quoteGo(value)}, Rename:${isRename}}`;
}
