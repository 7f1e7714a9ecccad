/**
 * The abstract syntax of LogQL. Plain data: every node is readonly, discriminated by `kind`, and means what the query
 * text says; nothing is resolved or simplified here.
 */
export type Expr = LogExpr | MetricExpr;

// --- Log queries -----------------------------------------------------------------------------------------------------

/** `{app="x"} |= "y" | json`. */
export interface LogExpr {
  readonly kind: 'log';
  readonly matchers: readonly Matcher[];
  readonly stages: readonly Stage[];
}

export type MatchOp = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
}

export type Stage =
  | LineFilter
  | JsonStage
  | LogfmtStage
  | RegexpStage
  | PatternStage
  | UnpackStage
  | LabelFilterStage
  | LineFormatStage
  | LabelFormatStage
  | DecolorizeStage
  | DropStage
  | KeepStage;

export type LineFilterOp = '|=' | '!=' | '|~' | '!~' | '|>' | '!>';

/** `|= "a" or ip("10.0.0.0/8")`: a positive filter keeps a line that any operand matches, a negative one drops it. */
export interface LineFilter {
  readonly kind: 'line-filter';
  readonly op: LineFilterOp;
  readonly operands: readonly LineFilterOperand[];
}

export interface LineFilterOperand {
  readonly kind: 'text' | 'ip';
  readonly value: string;
}

/** `x="a.b[0]"` in `| json x="a.b[0]"`; the short form `x` is `x="x"`. */
export interface LabelExtraction {
  readonly name: string;
  readonly expression: string;
}

export interface JsonStage {
  readonly kind: 'json';
  readonly extractions: readonly LabelExtraction[];
}

export interface LogfmtStage {
  readonly kind: 'logfmt';
  readonly strict: boolean;
  readonly keepEmpty: boolean;
  readonly extractions: readonly LabelExtraction[];
}

export interface RegexpStage {
  readonly kind: 'regexp';
  readonly pattern: string;
}

export interface PatternStage {
  readonly kind: 'pattern';
  readonly pattern: string;
}

export interface UnpackStage {
  readonly kind: 'unpack';
}

export interface LabelFilterStage {
  readonly kind: 'label-filter';
  readonly filter: LabelFilter;
}

export type CompareOp = '==' | '!=' | '>' | '>=' | '<' | '<=';

export type LabelFilter =
  | { readonly kind: 'string'; readonly matcher: Matcher }
  | { readonly kind: 'number'; readonly name: string; readonly op: CompareOp; readonly value: number }
  /** `value` in nanoseconds. */
  | { readonly kind: 'duration'; readonly name: string; readonly op: CompareOp; readonly value: number }
  | { readonly kind: 'bytes'; readonly name: string; readonly op: CompareOp; readonly value: number }
  | { readonly kind: 'ip'; readonly name: string; readonly op: '=' | '!='; readonly value: string }
  | { readonly kind: 'and' | 'or'; readonly left: LabelFilter; readonly right: LabelFilter };

export interface LineFormatStage {
  readonly kind: 'line-format';
  readonly template: string;
}

export interface LabelFormatStage {
  readonly kind: 'label-format';
  readonly formats: readonly LabelFormat[];
}

/** `dst=src` renames, `dst="template"` formats. */
export type LabelFormat =
  | { readonly kind: 'rename'; readonly name: string; readonly source: string }
  | { readonly kind: 'template'; readonly name: string; readonly template: string };

export interface DecolorizeStage {
  readonly kind: 'decolorize';
}

/** A name, or a name with a condition on its value. */
export type LabelPick = string | Matcher;

export interface DropStage {
  readonly kind: 'drop';
  readonly labels: readonly LabelPick[];
}

export interface KeepStage {
  readonly kind: 'keep';
  readonly labels: readonly LabelPick[];
}

// --- Metric queries --------------------------------------------------------------------------------------------------

export type MetricExpr =
  | RangeAggregationExpr
  | VectorAggregationExpr
  | BinaryExpr
  | LiteralExpr
  | LabelReplaceExpr
  | VectorExpr;

export type RangeOp =
  | 'count_over_time'
  | 'rate'
  | 'rate_counter'
  | 'bytes_over_time'
  | 'bytes_rate'
  | 'sum_over_time'
  | 'avg_over_time'
  | 'min_over_time'
  | 'max_over_time'
  | 'stddev_over_time'
  | 'stdvar_over_time'
  | 'quantile_over_time'
  | 'first_over_time'
  | 'last_over_time'
  | 'absent_over_time';

export type VectorOp =
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'count'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'approx_topk'
  | 'sort'
  | 'sort_desc';

export interface Grouping {
  readonly kind: 'by' | 'without';
  readonly labels: readonly string[];
}

export interface LogRange {
  readonly log: LogExpr;
  readonly unwrap?: Unwrap;
  /** Nanoseconds; int64 in Loki, a number is exact to 104 days and close enough beyond. */
  readonly rangeNs: number;
  readonly offsetNs: number;
}

/** `| unwrap duration(x) | __error__=""`. */
export interface Unwrap {
  readonly label: string;
  readonly conversion: 'none' | 'bytes' | 'duration' | 'duration_seconds';
  readonly filters: readonly LabelFilter[];
}

export interface RangeAggregationExpr {
  readonly kind: 'range-aggregation';
  readonly op: RangeOp;
  readonly range: LogRange;
  /** The quantile of quantile_over_time. */
  readonly parameter?: number;
  readonly grouping?: Grouping;
}

export interface VectorAggregationExpr {
  readonly kind: 'vector-aggregation';
  readonly op: VectorOp;
  readonly inner: MetricExpr;
  /** The k of topk, bottomk and approx_topk. */
  readonly parameter?: number;
  readonly grouping?: Grouping;
}

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^';
export type SetOp = 'and' | 'or' | 'unless';
export type BinaryOp = ArithmeticOp | CompareOp | SetOp;

export interface BinaryExpr {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly left: MetricExpr;
  readonly right: MetricExpr;
  /** `bool` after a comparison: 0 or 1 instead of filtering. */
  readonly bool: boolean;
  readonly matching?: VectorMatching;
}

export interface VectorMatching {
  readonly kind: 'on' | 'ignoring';
  readonly labels: readonly string[];
  readonly group?: { readonly side: 'left' | 'right'; readonly include: readonly string[] };
}

export interface LiteralExpr {
  readonly kind: 'literal';
  readonly value: number;
}

export interface LabelReplaceExpr {
  readonly kind: 'label-replace';
  readonly inner: MetricExpr;
  readonly destination: string;
  readonly replacement: string;
  readonly source: string;
  readonly pattern: string;
}

export interface VectorExpr {
  readonly kind: 'vector';
  readonly value: number;
}
