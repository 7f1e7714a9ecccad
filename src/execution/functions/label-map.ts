import type { StringColumn } from '../batch/column.js';
import { DETAILS_LABEL, ERROR_LABEL, type LogBatch } from '../batch/log-batch.js';
import type { TemplateContext } from '../template/context.js';

/** One row of a batch as a template sees it; moved from row to row so that columns are looked up once per batch. */
export class LabelMap implements TemplateContext {
  readonly #batch: LogBatch;
  readonly #columns = new Map<string, StringColumn | undefined>();
  #names: string[] | undefined;
  #loaded = false;
  #row = 0;

  constructor(batch: LogBatch) {
    this.#batch = batch;
  }

  /** Looks every label up now, so that later changes to the batch are not seen. */
  load(): this {
    for (const name of this.#allNames()) this.#column(name);
    this.#loaded = true;
    return this;
  }

  at(row: number): this {
    this.#row = row;
    return this;
  }

  get(name: string): string {
    const column = this.#column(name);
    const id = column ? column.ids[this.#row]! : -1;
    return id < 0 ? '' : column!.values[id]!;
  }

  has(name: string): boolean {
    const column = this.#column(name);
    return column !== undefined && column.ids[this.#row]! >= 0;
  }

  *entries(): Iterable<[string, string]> {
    for (const name of this.#allNames()) if (this.has(name)) yield [name, this.get(name)];
  }

  #allNames(): readonly string[] {
    const batch = this.#batch;
    this.#names ??= [
      ...new Set([
        ...batch.names('label'),
        ...batch.names('metadata'),
        ...batch.names('parsed'),
        ERROR_LABEL,
        DETAILS_LABEL,
      ]),
    ];
    return this.#names;
  }

  line(): string {
    const { offsets, bytes } = this.#batch.message;
    return bytes.utf8Slice(offsets[this.#row]!, offsets[this.#row + 1]!);
  }

  timestamp(): bigint {
    return this.#batch.base + BigInt(this.#batch.times[this.#row]!);
  }

  #column(name: string): StringColumn | undefined {
    if (this.#loaded || this.#columns.has(name)) return this.#columns.get(name);
    const column = this.#batch.resolve({ kind: 'column', type: 'ambiguous', name });
    this.#columns.set(name, column);
    return column;
  }
}
