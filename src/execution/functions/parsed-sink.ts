import type { StringColumn } from '../batch/column.js';
import { Dictionary } from '../batch/dictionary.js';
import type { LogBatch } from '../batch/log-batch.js';
import type { ExpressionSink } from '../extract/field-sink.js';
import type { TraceSink } from '../shapes/trace-program.js';
import { ParsedNames } from './parsed-names.js';

/** Who may have a name on a row before a parser does. */
interface Claim {
  /** What is parsed already. */
  readonly ids: Int32Array | undefined;
  /** Stream labels of the same name, by stream; a row whose stream has one puts the value under `<name>_extracted`. */
  readonly labelIds: Int32Array | undefined;
  readonly metadataIds: Int32Array | undefined;
}

interface StartedColumn {
  readonly ids: Int32Array;
  readonly dictionary: Dictionary;
}

/** All of one layout, which what is done for each value relies on. */
class OpenColumn implements Claim {
  readonly ids: Int32Array;
  readonly dictionary: Dictionary;
  readonly labelIds: Int32Array | undefined;
  readonly metadataIds: Int32Array | undefined;
  /** Rows that had a value and lost it. */
  readonly spent: Int32Array | undefined;
  /** 1 when the parser waits for this name. */
  readonly awaited: number;

  constructor({ ids, dictionary }: StartedColumn, batch: LogBatch, name: string, isAwaited: boolean) {
    this.ids = ids;
    this.dictionary = dictionary;
    this.labelIds = batch.streams.column(name)?.ids;
    this.metadataIds = batch.get('metadata', name)?.ids;
    this.spent = batch.spent(name);
    this.awaited = isAwaited ? 1 : 0;
  }
}

/**
 * Receives what a parser finds and builds the parsed columns of a batch. The first value of a name on a row wins, also
 * over a parser that ran before (A41), or the last one where a query lists what it wants; names that clash with a label
 * or metadata of the row are moved (A40).
 */
export class ParsedSink implements ExpressionSink, TraceSink {
  readonly #names: ParsedNames;
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #until: readonly string[] | undefined;
  readonly #lastWins: boolean;
  readonly #dictionaries: Dictionary[] = [];
  #open: (OpenColumn | undefined)[] = [];
  #batch!: LogBatch;
  #row = 0;
  #missing = 0;
  /** Whether a parser before has set any of `until`. */
  #preset = false;
  /** What may stand in the way of each name wanted; undefined where rows have to be read in any case. */
  #claims: readonly Claim[] | undefined;
  readonly #skipsTaken: boolean;

  /**
   * `keys`: the only names anybody reads; `until`: once the row has all of these, the parser may stop. Undefined = all.
   * `skipsTaken`: a row on which all keys are taken is not worth reading. `names`: to share numbers of columns with others.
   */
  constructor(
    keys: readonly string[] | undefined,
    until: readonly string[] | undefined,
    { lastWins = false, skipsTaken = false, names = new ParsedNames() } = {},
  ) {
    this.#names = names;
    this.#wanted = keys && new Set(keys);
    this.#until = until;
    this.#lastWins = lastWins;
    // Where a moved name is wanted too, a taken one says nothing.
    this.#skipsTaken =
      skipsTaken && keys !== undefined && keys.length > 0 && !keys.some((key) => keys.includes(`${key}_extracted`));
  }

  begin(batch: LogBatch): void {
    this.#batch = batch;
    this.#open = [];
    const isPreset = (name: string) => batch.get('parsed', name) !== undefined || batch.spent(name) !== undefined;
    this.#preset = this.#until?.some(isPreset) ?? false;
    this.#claims = this.#skipsTaken ? claimsOf(batch, [...this.#wanted!]) : undefined;
  }

  /** Every following value belongs to this row. */
  row(row: number): void {
    this.#row = row;
    this.#missing = this.#until ? this.#until.length : -1;
    if (this.#preset) this.#missing = this.#until!.filter((name) => !this.#isParsed(name)).length;
    if (this.#claims && this.#allTaken(this.#claims)) this.#missing = 0;
  }

  #allTaken(claims: readonly Claim[]): boolean {
    for (let i = 0; i < claims.length; i++) if (!this.#taken(claims[i]!)) return false;
    return true;
  }

  #isParsed(name: string): boolean {
    const open = this.#open[this.#names.number(name)];
    const ids = open?.ids ?? this.#batch.get('parsed', name)?.ids;
    return (ids !== undefined && ids[this.#row]! >= 0) || (this.#batch.spent(name)?.[this.#row] ?? -1) >= 0;
  }

  end(): void {
    this.#open.forEach((column, i) => {
      if (column) this.#batch.set('parsed', this.#names.name(i), { ids: column.ids, values: column.dictionary.values });
    });
    this.#open = [];
  }

  /** Where reading ends early anyway, Loki passes over objects in which nothing can be found, faults in them included. */
  enters(prefix: string): boolean {
    return this.#until === undefined || this.#until.some((name) => name.startsWith(prefix));
  }

  column(name: string): number {
    if (this.#wanted && !this.#wanted.has(name)) return -1;
    return this.#names.number(name);
  }

  bytes(column: number, source: Buffer, start: number, end: number): void {
    const target = this.#target(column);
    const isFirst = !this.#has(target);
    if (!isFirst && !this.#lastWins) return;
    target.ids[this.#row] = target.dictionary.intern(source, start, end);
    if (isFirst) this.#missing -= target.awaited;
  }

  text(column: number, value: string): void {
    const target = this.#target(column);
    const isFirst = !this.#has(target);
    if (!isFirst && !this.#lastWins) return;
    target.ids[this.#row] = target.dictionary.internText(value);
    if (isFirst) this.#missing -= target.awaited;
  }

  number(column: number, value: number, unit: string): void {
    const target = this.#target(column);
    const isFirst = !this.#has(target);
    if (!isFirst && !this.#lastWins) return;
    target.ids[this.#row] = target.dictionary.internNumber(value, unit);
    if (isFirst) this.#missing -= target.awaited;
  }

  taken(column: number): boolean {
    return this.#taken(this.#opened(column));
  }

  filled(column: number): boolean {
    return this.#has(this.#target(column));
  }

  blank(column: number): void {
    const open = this.#opened(column);
    const name = this.#names.name(column);
    const row = this.#row;
    const has = (category: 'label' | 'metadata'): boolean => (this.#batch.get(category, name)?.ids[row] ?? -1) >= 0;
    if (open.ids[row]! >= 0 || has('label') || has('metadata')) return;
    if (!this.#has(open)) this.#missing -= open.awaited;
    open.ids[row] = open.dictionary.internText('');
  }

  error(kind: 'JSONParserErr' | 'LogfmtParserErr', details: string): void {
    this.#batch.setError(this.#row, kind, details, true);
  }

  /** Whether the row need not be read, or no further. */
  done(): boolean {
    return this.#missing === 0;
  }

  /** The column a value of this row goes to: its own, or the moved one where the name is taken. */
  #target(column: number): OpenColumn {
    const open = this.#opened(column);
    return this.#taken(open) ? this.#opened(this.#names.number(`${this.#names.name(column)}_extracted`)) : open;
  }

  #opened(column: number): OpenColumn {
    return this.#open[column] ?? this.#openColumn(column);
  }

  /** Whether the row has, or had, a value. */
  #has({ ids, spent }: OpenColumn): boolean {
    return ids[this.#row]! >= 0 || (spent !== undefined && spent[this.#row]! >= 0);
  }

  /** Metadata that a format has replaced is in nobody's way. */
  #taken({ ids, labelIds, metadataIds }: Claim): boolean {
    return (
      (labelIds !== undefined && labelIds[this.#batch.streamIds[this.#row]!]! >= 0) ||
      (metadataIds !== undefined && metadataIds[this.#row]! >= 0 && (ids === undefined || ids[this.#row]! < 0))
    );
  }

  #openColumn(column: number): OpenColumn {
    const batch = this.#batch;
    const name = this.#names.name(column);
    const started = this.#startColumn(column, batch.get('parsed', name));
    const open = new OpenColumn(started, batch, name, this.#until?.includes(name) ?? false);
    this.#open[column] = open;
    return open;
  }

  #startColumn(column: number, before: StringColumn | undefined): StartedColumn {
    if (before) {
      const dictionary = new Dictionary();
      const remap = before.values.map((value) => dictionary.internText(value));
      return { ids: before.ids.map((id) => (id < 0 ? -1 : remap[id]!)), dictionary };
    }
    let dictionary = this.#dictionaries[column];
    if (!dictionary || dictionary.full) this.#dictionaries[column] = dictionary = new Dictionary();
    return { ids: new Int32Array(this.#batch.rows).fill(-1), dictionary };
  }
}

/** Undefined where no row can have all names taken. */
function claimsOf(batch: LogBatch, names: readonly string[]): readonly Claim[] | undefined {
  const claims = names.map((name) => ({
    ids: batch.get('parsed', name)?.ids,
    labelIds: batch.streams.column(name)?.ids,
    metadataIds: batch.get('metadata', name)?.ids,
  }));
  return claims.every(({ labelIds, metadataIds }) => labelIds ?? metadataIds) ? claims : undefined;
}
