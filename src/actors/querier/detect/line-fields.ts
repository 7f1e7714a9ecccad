import type { FieldSink } from '../../../execution/extract/field-sink.js';
import { JsonParser } from '../../../execution/extract/json.js';
import { LogfmtParser } from '../../../execution/extract/logfmt.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import type { FieldParser } from '../../../wire/query.js';

/** A field of a line, under the name that a stage would give it were there no other labels. */
export interface LineField {
  readonly name: string;
  readonly value: string;
  /** Keys of JSON, outermost first; empty for logfmt. */
  readonly path: readonly string[];
}

/** Looks for fields in lines the way the query engine does: as JSON, and where a line is none as logfmt. */
export class LineFields {
  readonly #json = new JsonParser();
  readonly #logfmt = new LogfmtParser({ strict: false, keepEmpty: false });
  readonly #jsonFields = new FoundFields();
  readonly #logfmtFields = new FoundFields();

  of(text: string): { readonly parser: FieldParser; readonly fields: readonly LineField[] } {
    const line = Buffer.from(text);
    const json = this.#jsonFields.begin();
    this.#json.parse(line, 0, line.length, json);
    if (!json.failed) return { parser: 'json', fields: json.take() };
    const logfmt = this.#logfmtFields.begin();
    this.#logfmt.parse(line, 0, line.length, logfmt);
    return { parser: 'logfmt', fields: logfmt.take() };
  }
}

interface Column {
  readonly name: string;
  readonly path: readonly string[];
  value: string | undefined;
}

/** Keeps what a parser finds in a line. */
class FoundFields implements FieldSink {
  readonly #columns: Column[] = [];
  readonly #byName = new Map<string, number>();
  /** Columns that the line has, in the order in which they came. */
  readonly #set: Column[] = [];
  failed = false;

  begin(): this {
    this.take();
    this.failed = false;
    return this;
  }

  take(): LineField[] {
    const fields = this.#set.map(({ name, value = '', path }) => ({ name, value, path }));
    for (const column of this.#set) column.value = undefined;
    this.#set.length = 0;
    return fields;
  }

  column(name: string, path: () => readonly string[] = () => []): number {
    return getOrCreate(this.#byName, name, () => this.#columns.push({ name, path: path(), value: undefined }) - 1);
  }

  enters(): boolean {
    return true;
  }

  bytes(column: number, source: Buffer, start: number, end: number): void {
    this.text(column, source.utf8Slice(start, end));
  }

  text(number: number, value: string): void {
    const column = this.#columns[number]!;
    if (column.value !== undefined) return;
    column.value = value;
    this.#set.push(column);
  }

  error(): void {
    this.failed = true;
  }

  done(): boolean {
    return false;
  }
}
