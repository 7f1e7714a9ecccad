/**
 * Expressions over the columns of a batch. A predicate is an expression of type bool; a projection adds columns by
 * evaluating functions that may set several (parsers, formatters). All of them are row-wise: the value for a row
 * depends on that row alone, so filters and projections commute with anything that only splits or unites batches.
 */

/** `ambiguous` is resolved per row: parsed over metadata over label. */
export type ColumnType = 'builtin' | 'label' | 'metadata' | 'parsed' | 'generated' | 'ambiguous';

export interface ColumnRef {
  readonly kind: 'column';
  readonly type: ColumnType;
  readonly name: string;
}

export const TIMESTAMP: ColumnRef = { kind: 'column', type: 'builtin', name: 'timestamp' };
export const MESSAGE: ColumnRef = { kind: 'column', type: 'builtin', name: 'message' };
/** The sample of a metric query: what unwrap yields, or what an aggregation computed. */
export const VALUE: ColumnRef = { kind: 'column', type: 'generated', name: 'value' };
export const ERROR: ColumnRef = { kind: 'column', type: 'generated', name: '__error__' };
export const ERROR_DETAILS: ColumnRef = { kind: 'column', type: 'generated', name: '__error_details__' };
/** In projections: bytes of the line, for those who need no text. */
export const MESSAGE_LENGTH: ColumnRef = { kind: 'column', type: 'builtin', name: 'message_length' };
/** In projections: every label and all metadata. */
export const ALL_LABELS: ColumnRef = { kind: 'column', type: 'ambiguous', name: '*' };

/** The column a label's name stands for in a pipeline. */
export function columnOf(name: string): ColumnRef {
  if (name === ERROR.name) return ERROR;
  return name === ERROR_DETAILS.name ? ERROR_DETAILS : { kind: 'column', type: 'ambiguous', name };
}

export type Literal =
  | { readonly kind: 'literal'; readonly type: 'string'; readonly value: string }
  | { readonly kind: 'literal'; readonly type: 'float' | 'duration' | 'bytes'; readonly value: number } // duration in ns
  | { readonly kind: 'literal'; readonly type: 'timestamp'; readonly value: bigint }
  | { readonly kind: 'literal'; readonly type: 'bool'; readonly value: boolean };

/**
 * Comparisons. The type of the literal on the right decides the meaning on a string column, as Loki's label filters
 * do: against a string absent is "", against a number, duration or bytes literal an absent label drops the row and a
 * value that does not convert keeps the row and marks it with LabelFilterErr.
 * MATCH_STR is substring, MATCH_RE is RE2 (search on builtin.message, anchored on every other column), MATCH_PAT is
 * the `|>` pattern, MATCH_IP takes an address, CIDR or range.
 */
export type CompareOp =
  | 'EQ'
  | 'NEQ'
  | 'GT'
  | 'GTE'
  | 'LT'
  | 'LTE'
  | 'MATCH_STR'
  | 'NOT_MATCH_STR'
  | 'MATCH_STR_CASE_INSENSITIVE'
  | 'NOT_MATCH_STR_CASE_INSENSITIVE'
  | 'MATCH_RE'
  | 'NOT_MATCH_RE'
  | 'MATCH_PAT'
  | 'NOT_MATCH_PAT'
  | 'MATCH_IP'
  | 'NOT_MATCH_IP';

/** A row-wise condition. */
export type Predicate =
  | { readonly kind: 'compare'; readonly op: CompareOp; readonly column: ColumnRef; readonly literal: Literal }
  /** AND evaluates both sides (a side may set an error), OR stops at the first true one: A59. */
  | { readonly kind: 'and' | 'or'; readonly left: Predicate; readonly right: Predicate }
  | { readonly kind: 'not'; readonly inner: Predicate };

/** A label name, or a name with a condition on its value: `drop a, b="x"`. */
export interface LabelPick {
  readonly name: string;
  readonly op?: '=' | '!=' | '=~' | '!~';
  readonly value?: string;
}

/**
 * What a projection computes; each function may set several columns of a row, and its error columns.
 *
 * `keys` are the label names anybody needs, each with and without a trailing `_extracted`: absent = all. A name that
 * clashes with a label or metadata of the row becomes `<name>_extracted`.
 *
 * `until`, when present, ends the reading of a line as soon as every name in it is a parsed label of the row; if all
 * are before the start (always so when it is empty), the function does nothing. Errors further on in the line are not
 * seen then, as in Loki (A53); absent = the line is read to its end, and its errors are found.
 *
 * `errorsUnseen`: nobody learns of its errors, so rows on which all `keys` are taken, or whose lines have none of
 * them, need not be read at all.
 */
export type RowFunction =
  | {
      readonly kind: 'parse-json';
      readonly keys?: readonly string[];
      readonly until?: readonly string[];
      readonly errorsUnseen?: true;
    }
  | {
      readonly kind: 'parse-json-expressions';
      readonly extractions: readonly LabelExtraction[];
      readonly until?: readonly string[];
    }
  | {
      readonly kind: 'parse-logfmt';
      readonly strict: boolean;
      readonly keepEmpty: boolean;
      readonly keys?: readonly string[];
      readonly until?: readonly string[];
      readonly errorsUnseen?: true;
    }
  | {
      readonly kind: 'parse-logfmt-expressions';
      readonly strict: boolean;
      readonly keepEmpty: boolean;
      readonly extractions: readonly LabelExtraction[];
      readonly until?: readonly string[];
    }
  | { readonly kind: 'parse-regexp'; readonly pattern: string }
  | { readonly kind: 'parse-pattern'; readonly pattern: string }
  | { readonly kind: 'unpack'; readonly until?: readonly string[] }
  | { readonly kind: 'line-format'; readonly template: string }
  | { readonly kind: 'label-format'; readonly formats: readonly LabelFormat[] }
  | { readonly kind: 'decolorize' }
  | { readonly kind: 'drop'; readonly picks: readonly LabelPick[] }
  | { readonly kind: 'keep'; readonly picks: readonly LabelPick[] }
  /**
   * Sets generated.value from a label: absent or empty drops the row, a failed conversion sets SampleExtractionErr.
   * The label itself is removed unless `keepLabel` (the grouping names it, or a filter still looks at it).
   */
  | {
      readonly kind: 'unwrap';
      readonly label: string;
      readonly conversion: 'none' | 'bytes' | 'duration' | 'duration_seconds';
      readonly keepLabel: boolean;
    };

export interface LabelExtraction {
  readonly name: string;
  readonly expression: string;
}

export type LabelFormat =
  | { readonly kind: 'rename'; readonly name: string; readonly source: string }
  | { readonly kind: 'template'; readonly name: string; readonly template: string };
