/**
 * The physical plan: a tree of operators, plain data, immutable. A pass builds a new tree and shares what it kept.
 * Rows flow from the leaves to the root. Row operators work on log rows; from RangeAggregation upwards a row is one
 * sample: timestamp, value, labels.
 */
import type { Nanos, TimeRange } from '../../wire/time.js';
import type { RunTimes } from './certain-rows.js';
import type { CountedSection } from './counted.js';
import type { ColumnRef, Predicate, RowFunction } from './expression.js';

export type Node =
  | DataObjScan
  | LiveScan
  | ScanSet
  | Filter
  | Projection
  | Preselect
  | ColumnCompat
  | Limit
  | TopK
  | RangeAggregation
  | VectorAggregation
  | VectorTopK
  | Sort
  | ScalarBinary
  | Join
  | LabelReplace
  | VectorConstant
  | Absent
  | Parallelize
  | Source;

/** One logs section of one object. */
export interface DataObjScan {
  readonly kind: 'data-obj-scan';
  readonly target: SectionTarget;
  readonly scan: ScanOptions;
}

/** One memtable of one ingester, frozen when the query was planned. */
export interface LiveScan {
  readonly kind: 'live-scan';
  readonly target: LiveTarget;
  readonly scan: ScanOptions;
}

/** Many targets under one template; a workflow turns it into one scan task a target. */
export interface ScanSet {
  readonly kind: 'scan-set';
  readonly targets: readonly ScanTarget[];
  readonly scan: ScanOptions;
}

export type ScanTarget = SectionTarget | LiveTarget;

export interface SectionTarget {
  readonly kind: 'section';
  /** Object path in the bucket. */
  readonly location: string;
  readonly section: number;
  /** Object-local ids of the matching streams; the worker reads their labels from the object's streams section. */
  readonly streams: Int32Array;
  /** Pages that may hold matching rows, after pruning by stream, time and filters. */
  readonly pages: Int32Array;
  /** First and last timestamp of matching rows, both inclusive. */
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly rows: number;
  readonly bytes: number;
  /** Earlier targets that may hold identical entries of the same streams: see `Overlap`. */
  readonly overlaps: readonly Overlap[];
  /** A query over several tenants: rows get this one's name as a label. */
  readonly tenant?: string;
  /** What `streams` were chosen by, as text: equal texts choose equal streams of a section. Absent = not known. */
  readonly selector?: string;
  /** For planning alone: not sent to workers. Absent = nothing is known to be counted. */
  readonly counted?: CountedSection;
  /** For planning alone, as well: the section's runs of rows. */
  readonly runs?: RunTimes;
}

export interface LiveTarget {
  readonly kind: 'live';
  /** Address of the ingester that holds the snapshot. */
  readonly ingester: string;
  /** Names the frozen memtable there. */
  readonly snapshot: string;
  /** Memtable-local ids of the matching streams. */
  readonly streams: Int32Array;
  /** Rows outside are already in objects. */
  readonly windows: readonly TimeRange[];
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly rows: number;
  readonly bytes: number;
  readonly overlaps: readonly Overlap[];
  /** As in `SectionTarget`. */
  readonly tenant?: string;
}

/**
 * An older target where identical entries may already be: rows of `streams[i]` here with a timestamp in [minTime, maxTime]
 * must be compared with those of `otherStreams[i]` there, and dropped when that one has them too. Targets are ordered
 * by age, and each looks only at older ones, so exactly one copy survives.
 */
export interface Overlap {
  readonly other:
    | { readonly location: string; readonly section: number }
    | { readonly ingester: string; readonly snapshot: string };
  readonly streams: Int32Array;
  readonly otherStreams: Int32Array;
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
}

/** What a scan reads, drops and stops at. */
export interface ScanOptions {
  /** Rows outside are not returned; half-open. */
  readonly range: TimeRange;
  /** Conditions a row must meet, evaluated by the scan itself; only on builtin, label and metadata columns. */
  readonly predicates: readonly Predicate[];
  /** Columns anybody above needs; undefined = all. */
  readonly projections?: readonly ColumnRef[];
  /** Order in which batches are wanted: newest first, oldest first, or any. */
  readonly order: 'descending' | 'ascending' | 'any';
  /** Set when the first `limit` surviving rows in that order are enough. */
  readonly limit?: number;
}

/** Keeps rows that meet all predicates, in order. */
export interface Filter {
  readonly kind: 'filter';
  readonly predicates: readonly Predicate[];
  readonly input: Node;
}

/** Evaluates functions in order on every row. */
export interface Projection {
  readonly kind: 'projection';
  readonly functions: readonly RowFunction[];
  readonly input: Node;
}

/**
 * Keeps the rows that the steps let through, and leaves them as they came: what steps compute is thrown away. It stands
 * where few rows survive and the whole of what they need is better computed afterwards (late materialisation).
 */
export interface Preselect {
  readonly kind: 'preselect';
  readonly steps: readonly PreselectStep[];
  readonly input: Node;
}

export type PreselectStep =
  | { readonly kind: 'functions'; readonly functions: readonly RowFunction[] }
  | { readonly kind: 'predicates'; readonly predicates: readonly Predicate[] };

/** Moves a column that clashes with one of higher rank to `<name>_extracted`: metadata under label, parsed under both. */
export interface ColumnCompat {
  readonly kind: 'column-compat';
  readonly source: 'metadata' | 'parsed';
  readonly collisions: readonly ('label' | 'metadata')[];
  readonly input: Node;
}

export interface Limit {
  readonly kind: 'limit';
  readonly skip: number;
  readonly fetch: number;
  readonly input: Node;
}

/** The first k log rows by timestamp. Ties: any choice, but equal rows of one stream keep arrival order. */
export interface TopK {
  readonly kind: 'top-k';
  readonly sortBy: ColumnRef;
  readonly ascending: boolean;
  readonly k: number;
  /** B9: emit only rows at least this many ns after the last one emitted; 0 = every row. Applied by the root only. */
  readonly intervalNs: number;
  readonly input: Node;
}

/** Series identity: by = exactly these labels, without = all but these, none = all labels of the row. */
export type Grouping =
  | { readonly kind: 'none' }
  | { readonly kind: 'by' | 'without'; readonly columns: readonly ColumnRef[] };

/** What is computed over a window of samples. `bytes` sums line lengths; `count` counts rows. */
export type RangeOperation =
  | 'count'
  | 'bytes'
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'stddev'
  | 'stdvar'
  | 'first'
  | 'last'
  | 'quantile'
  | 'rate_counter'
  | 'absent';

/**
 * Samples at t = start, start + step, ... <= end over the window (t - offset - range, t - offset].
 * `single` sees rows and emits samples; `partial` sees rows and emits mergeable states for the panes of its rows;
 * `final` merges the states of many partials and emits samples.
 */
export interface RangeAggregation {
  readonly kind: 'range-aggregation';
  readonly operation: RangeOperation;
  readonly mode: 'single' | 'partial' | 'final';
  readonly start: Nanos;
  readonly end: Nanos;
  /** 0 = one evaluation, at `end` (= start). */
  readonly stepNs: number;
  readonly rangeNs: number;
  readonly offsetNs: number;
  readonly grouping: Grouping;
  /** The quantile. */
  readonly parameter?: number;
  /** The query asks for rows that a parser marked with an error (A52): those alone do not fail it. */
  readonly preserveErrors?: boolean;
  readonly input: Node;
}

export interface VectorAggregation {
  readonly kind: 'vector-aggregation';
  readonly operation: 'sum' | 'avg' | 'min' | 'max' | 'count' | 'stddev' | 'stdvar';
  readonly grouping: Grouping;
  readonly input: Node;
}

/** topk and bottomk: keep whole samples. */
export interface VectorTopK {
  readonly kind: 'vector-top-k';
  readonly operation: 'topk' | 'bottomk' | 'approx_topk';
  readonly k: number;
  readonly grouping: Grouping;
  readonly input: Node;
}

/** sort and sort_desc of an instant vector. */
export interface Sort {
  readonly kind: 'sort';
  readonly descending: boolean;
  readonly input: Node;
}

export type BinaryOperation =
  | 'ADD'
  | 'SUB'
  | 'MUL'
  | 'DIV'
  | 'MOD'
  | 'POW'
  | 'EQ'
  | 'NEQ'
  | 'GT'
  | 'GTE'
  | 'LT'
  | 'LTE'
  | 'AND'
  | 'OR'
  | 'UNLESS';

/** Sample against scalar: arithmetic maps the value, a comparison filters (or yields 0/1 with bool). */
export interface ScalarBinary {
  readonly kind: 'scalar-binary';
  readonly operation: BinaryOperation;
  readonly bool: boolean;
  readonly scalar: number;
  /** True when the scalar stands on the left. */
  readonly scalarLeft: boolean;
  readonly input: Node;
}

/** Sample against sample, matched by labels per timestamp; set operations too. */
export interface Join {
  readonly kind: 'join';
  readonly operation: BinaryOperation;
  readonly bool: boolean;
  readonly matching: { readonly kind: 'on' | 'ignoring'; readonly labels: readonly string[] };
  readonly group?: { readonly side: 'left' | 'right'; readonly include: readonly string[] };
  readonly left: Node;
  readonly right: Node;
}

export interface LabelReplace {
  readonly kind: 'label-replace';
  readonly destination: string;
  readonly replacement: string;
  readonly source: string;
  readonly pattern: string;
  readonly input: Node;
}

/** vector(n) and scalars in a range query: the same value at every step, no labels. */
export interface VectorConstant {
  readonly kind: 'vector-constant';
  readonly value: number;
  readonly start: Nanos;
  readonly end: Nanos;
  readonly stepNs: number;
}

/** absent_over_time: 1 with these labels at every step where the input has no sample. */
export interface Absent {
  readonly kind: 'absent';
  readonly labels: readonly (readonly [string, string])[];
  readonly start: Nanos;
  readonly end: Nanos;
  readonly stepNs: number;
  readonly input: Node;
}

/** Hint: everything below may run once per scan target; the parent reads the union of the results. */
export interface Parallelize {
  readonly kind: 'parallelize';
  readonly input: Node;
}

/** Where the output of other tasks enters a fragment; only in workflows. Slot numbers index `Task.sources`. */
export interface Source {
  readonly kind: 'source';
  readonly slot: number;
}

/** Children, left to right. */
export function inputsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'data-obj-scan':
    case 'live-scan':
    case 'scan-set':
    case 'vector-constant':
    case 'source':
      return [];
    case 'join':
      return [node.left, node.right];
    default:
      return [node.input];
  }
}
