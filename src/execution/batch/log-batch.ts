import type { ColumnRef } from '../../planning/physical/expression.js';
import type { Shapes } from '../../storage/dataobj/types.js';
import { coalesce, type StringColumn, type TextColumn } from './column.js';
import { Dictionary } from './dictionary.js';
import type { StreamSet } from './streams.js';

/** What the lines of rows are like: row i has the shape ids[i]. */
export interface LineShapes {
  readonly ids: Int32Array;
  readonly shapes: Shapes;
  /** Where these are read instead of lines: whatever number of a row is asked for is there. */
  readonly numbers?: LineNumbers | undefined;
}

/** Of each row the n-th number of its line: `[n][row]`. */
export type LineNumbers = readonly (Float64Array | undefined)[];

/** Where a batch's message and metadata come from; asked only when somebody needs them. */
export interface RowSource {
  /** Reads what message and metadata need that has not been read yet; absent = all of it is there. */
  load?(): Promise<void>;
  /** Frees the lines. */
  release?(): void;
  message(): TextColumn;
  /** Undefined where they are not known. */
  shapes?(): LineShapes | undefined;
  /** Bytes of each row's message, without reading the message. */
  messageLengths(): Int32Array | undefined;
  metadataKeys(): readonly string[];
  /** `rows`: those that anybody will ask about, ascending; others may be missing from the column. */
  metadata(key: string, rows?: Int32Array): StringColumn | undefined;
  /** Itself, where single rows can be read for less than all of them. */
  readonly pickable?: PickableSource;
}

/** A source of which few rows are read together with those of others of its scan, whose streams and base are the same. */
export interface PickableSource extends RowSource {
  readonly scan: object;
  /** What is read of it is worth keeping for later questions; lines are not freed then. */
  keep(): void;
  /** Values of the given rows (ascending) alone: ids[i] is that of rows[i]. */
  metadataAt(key: string, rows: Int32Array): StringColumn | undefined;
}

export type LabelCategory = 'label' | 'metadata' | 'parsed';

export const ERROR_LABEL = '__error__';
export const DETAILS_LABEL = '__error_details__';
const SUFFIX = '_extracted';

interface RowErrors {
  readonly kinds: Int32Array;
  readonly details: Int32Array;
  readonly words: Dictionary;
  /** What was said last: neighbours mostly have the same faults. */
  kind: Word;
  detail: Word;
}

interface Word {
  readonly text: string;
  readonly id: number;
}

/** Of a row in a column. */
const COLUMN_BYTES = 16;

const NO_WORD: Word = { text: '', id: -1 };

/**
 * Log rows in columns. Rows are never moved: filters shrink `selection`, and columns are read, decoded and parsed only
 * for rows that are still alive. A label lives in one of three categories; where a name occurs in several, parsed wins
 * over metadata over label, row by row.
 */
export class LogBatch {
  readonly rows: number;
  /** Nanoseconds since the epoch; `times[i]` is the offset of row i. */
  readonly base: bigint;
  readonly times: Float64Array;
  readonly streams: StreamSet;
  readonly streamIds: Int32Array;
  /** Rows alive, ascending; null = all. Only the first `count` are meant. */
  selection: Int32Array | null = null;
  count: number;
  /** Log rows each row stands for: absent = 1. A scan that counts without reading sets it. */
  weights?: Float64Array;
  /** The unwrapped sample. */
  value?: Float64Array;
  readonly #source: RowSource;
  #message: TextColumn | undefined;
  #isRewritten = false;
  readonly #columns: Record<LabelCategory, Map<string, StringColumn | null>> = {
    label: new Map(),
    metadata: new Map(),
    parsed: new Map(),
  };
  #allMetadata = false;
  #changed = false;
  #errors: RowErrors | undefined;

  constructor(
    base: bigint,
    times: Float64Array,
    streams: StreamSet,
    streamIds: Int32Array,
    source: RowSource,
    rows = streamIds.length,
  ) {
    this.base = base;
    this.times = times;
    this.streams = streams;
    this.streamIds = streamIds;
    this.rows = rows;
    this.count = rows;
    this.#source = source;
  }

  /** To be awaited before message and metadata are asked for, if the scan was told so (`ScanUse.loads`). */
  async load(): Promise<void> {
    await this.#source.load?.();
  }

  /** What to pick rows from; undefined where there is nothing, or a column or line was set that it does not know of. */
  get source(): PickableSource | undefined {
    return this.#changed || this.#errors ? undefined : this.#source.pickable;
  }

  /** About what it keeps in memory: lines, times and streams, and the columns that were asked for. */
  get heldBytes(): number {
    let columns = 1;
    for (const named of Object.values(this.#columns)) for (const column of named.values()) if (column) columns++;
    return this.rows * COLUMN_BYTES * columns + (this.#message?.heldBytes ?? this.#message?.bytes.length ?? 0);
  }

  /** Frees the lines at once: nobody looks at this batch, its forks and its lines any more. */
  release(): void {
    this.#source.release?.();
  }

  /** The same rows with their errors, read from the same source; what is computed on the copy does not show here. */
  fork(): LogBatch {
    const source: RowSource = {
      message: () => this.message,
      shapes: () => this.lineShapes(),
      messageLengths: () => this.messageLengths(),
      metadataKeys: () => this.#source.metadataKeys(),
      metadata: (key, rows) => this.#source.metadata(key, rows),
    };
    const copy = new LogBatch(this.base, this.times, this.streams, this.streamIds, source, this.rows);
    copy.selection = this.selection?.slice(0, this.count) ?? null; // filters write into it
    copy.count = this.count;
    if (this.#errors) {
      const { kinds, details, words } = this.#errors;
      copy.#errors = { kinds: kinds.slice(), details: details.slice(), words, kind: NO_WORD, detail: NO_WORD };
    }
    return copy;
  }

  select(rows: Int32Array, count: number): void {
    this.selection = rows;
    this.count = count;
  }

  /** The n-th row alive. */
  row(n: number): number {
    return this.selection ? this.selection[n]! : n;
  }

  get message(): TextColumn {
    this.#message ??= this.#source.message();
    return this.#message;
  }

  set message(text: TextColumn) {
    this.#message = text;
    this.#isRewritten = true;
    this.#changed = true;
  }

  /** Of the lines as they are now; undefined where they are not known. */
  lineShapes(): LineShapes | undefined {
    return this.#isRewritten ? undefined : this.#source.shapes?.();
  }

  /** Bytes of each row's line as it is now; decodes nothing if the scan knows them. */
  messageLengths(): Int32Array {
    const known = this.#message ? undefined : this.#source.messageLengths();
    if (known) return known;
    const { offsets } = this.message;
    const lengths = new Int32Array(this.rows);
    for (let i = 0; i < this.rows; i++) lengths[i] = offsets[i + 1]! - offsets[i]!;
    return lengths;
  }

  // --- Labels by name ------------------------------------------------------------------------------------------------

  /** The column of one category, or undefined when no row has it. */
  get(category: LabelCategory, name: string): StringColumn | undefined {
    const kept = this.#columns[category].get(name);
    if (kept !== undefined) return kept ?? undefined;
    const loaded =
      category === 'label' ? this.#gatherLabel(name) : category === 'metadata' ? this.#loadMetadata(name) : undefined;
    this.#columns[category].set(name, loaded ?? null);
    return loaded;
  }

  set(category: LabelCategory, name: string, column: StringColumn | null): void {
    this.#changed = true;
    this.#columns[category].set(name, column);
  }

  /** What a name means, row by row: parsed over metadata over label; the error labels are their own. */
  resolve(ref: ColumnRef): StringColumn | undefined {
    if (ref.name === ERROR_LABEL) return this.errorColumn('kinds');
    if (ref.name === DETAILS_LABEL) return this.errorColumn('details');
    switch (ref.type) {
      case 'label':
      case 'metadata':
      case 'parsed':
        return this.get(ref.type, ref.name);
      default:
        return this.byName(ref.name);
    }
  }

  byName(name: string): StringColumn | undefined {
    const parsed = this.get('parsed', name);
    const metadata = this.get('metadata', name);
    const label = this.get('label', name);
    if (!parsed && !metadata) return label;
    const columns = [parsed, metadata, label].filter((column) => column !== undefined);
    return coalesce(this.rows, columns);
  }

  /** Names that some row may have in a category. */
  names(category: LabelCategory): string[] {
    if (category === 'metadata') this.#loadAllMetadata();
    const names = new Set(category === 'label' ? this.streams.names : []);
    for (const [name, column] of this.#columns[category]) {
      if (column) names.add(name);
      else names.delete(name);
    }
    return [...names];
  }

  /** True when label columns still say what the streams say. */
  get labelsUntouched(): boolean {
    for (const [name, column] of this.#columns.label) {
      const original = this.streams.column(name);
      if (!column !== !original || (column && column.values !== original?.values)) return false;
      if (column && this.#rewritten.has(name)) return false;
    }
    return true;
  }

  readonly #rewritten = new Set<string>();
  readonly #spent = new Map<string, Int32Array>();

  /** Not negative for rows whose parsed label of that name was taken away: in Loki no parser gives it to them again. */
  spent(name: string): Int32Array | undefined {
    return this.#spent.get(name);
  }

  /** Takes a name away from the given rows (all alive when undefined), in every category. */
  remove(name: string, rows?: Int32Array, count = rows?.length ?? 0): void {
    if (name === ERROR_LABEL || name === DETAILS_LABEL) return this.#clearError(name, rows, count);
    for (const category of ['label', 'metadata', 'parsed'] as const) {
      const column = this.get(category, name);
      if (!column) continue;
      if (category === 'label') this.#rewritten.add(name);
      if (category === 'parsed') this.#spend(name, column, rows, count);
      if (!rows) {
        this.set(category, name, null);
        continue;
      }
      const ids = column.ids.slice();
      for (let i = 0; i < count; i++) ids[rows[i]!] = -1;
      this.set(category, name, { ids, values: column.values });
    }
  }

  #spend(name: string, { ids }: StringColumn, rows: Int32Array | undefined, count: number): void {
    const before = this.#spent.get(name);
    if (!rows && !before) {
      this.#spent.set(name, ids);
      return;
    }
    const all = before?.slice() ?? new Int32Array(this.rows).fill(-1);
    for (let i = 0; i < (rows ? count : this.rows); i++) {
      const row = rows ? rows[i]! : i;
      if (ids[row]! >= 0) all[row] = 0;
    }
    this.#spent.set(name, all);
  }

  #gatherLabel(name: string): StringColumn | undefined {
    const byStream = this.streams.column(name);
    if (!byStream) return undefined;
    const ids = new Int32Array(this.rows);
    const { streamIds } = this;
    for (let i = 0; i < ids.length; i++) ids[i] = byStream.ids[streamIds[i]!]!;
    return { ids, values: byStream.values };
  }

  /** Metadata under its own name; where the row's stream has a label of that name it is shown as `<name>_extracted`. */
  #loadMetadata(name: string): StringColumn | undefined {
    const alive = this.selection?.subarray(0, this.count);
    const own = this.#source.metadata(name, alive);
    const clash = this.streams.column(name);
    const kept = own && clash ? this.#maskByLabel(own, clash.ids, false) : own;
    if (!name.endsWith(SUFFIX)) return kept;
    const plain = name.slice(0, -SUFFIX.length);
    const label = this.streams.column(plain);
    const moved = label ? this.#source.metadata(plain, alive) : undefined;
    if (!moved || !label) return kept;
    const shown = this.#maskByLabel(moved, label.ids, true);
    return kept && shown ? coalesce(this.rows, [kept, shown]) : (kept ?? shown);
  }

  /** The column where the row's stream has (or lacks) the label; undefined when nothing is left. */
  #maskByLabel(column: StringColumn, labelIds: Int32Array, whereLabelled: boolean): StringColumn | undefined {
    const ids = column.ids.slice();
    let left = false;
    for (let i = 0; i < ids.length; i++) {
      if (labelIds[this.streamIds[i]!]! >= 0 !== whereLabelled) ids[i] = -1;
      else if (ids[i]! >= 0) left = true;
    }
    return left ? { ids, values: column.values } : undefined;
  }

  #loadAllMetadata(): void {
    if (this.#allMetadata) return;
    this.#allMetadata = true;
    for (const key of this.#source.metadataKeys()) {
      this.get('metadata', key);
      if (this.streams.column(key)) this.get('metadata', key + SUFFIX);
    }
  }

  // --- Errors --------------------------------------------------------------------------------------------------------

  get hasErrors(): boolean {
    return this.#errors !== undefined;
  }

  errorColumn(which: 'kinds' | 'details'): StringColumn | undefined {
    return this.#errors && { ids: this.#errors[which], values: this.#errors.words.values };
  }

  /**
   * Marks a row; the first error of a row stays unless `overwrite`. An error without details keeps those that are there;
   * no kind: details that outlived their error.
   */
  setError(row: number, kind: string, details: string, overwrite: boolean): void {
    this.#errors ??= {
      kinds: new Int32Array(this.rows).fill(-1),
      details: new Int32Array(this.rows).fill(-1),
      words: new Dictionary(),
      kind: NO_WORD,
      detail: NO_WORD,
    };
    const errors = this.#errors;
    if (errors.kinds[row]! >= 0 && !overwrite) return;
    if (errors.kind.text !== kind) errors.kind = { text: kind, id: errors.words.internText(kind) };
    errors.kinds[row] = errors.kind.id;
    if (details === '') return;
    if (errors.detail.text !== details) errors.detail = { text: details, id: errors.words.internText(details) };
    errors.details[row] = errors.detail.id;
  }

  #clearError(name: string, rows: Int32Array | undefined, count: number): void {
    if (!this.#errors) return;
    const column = name === ERROR_LABEL ? this.#errors.kinds : this.#errors.details;
    if (!rows) column.fill(-1);
    else for (let i = 0; i < count; i++) column[rows[i]!] = -1;
  }
}
