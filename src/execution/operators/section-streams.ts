import type { StreamsTable } from '../../storage/dataobj/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import type { StreamSet } from '../batch/streams.js';

const known = new WeakMap<StreamsTable, StreamSet>();

/** The streams of an object as a stream set; one per object, so that what is worked out per stream is kept. */
export function sectionStreams(table: StreamsTable): StreamSet {
  return getOrCreate(known, table, () => new SectionStreams(table));
}

class SectionStreams implements StreamSet {
  readonly count: number;
  readonly names: readonly string[];
  readonly #table: StreamsTable;
  readonly #columns: ReadonlyMap<string, StreamsTable['columns'][number]>;

  constructor(table: StreamsTable) {
    this.#table = table;
    this.count = table.count;
    this.names = table.columns.map((column) => column.name);
    this.#columns = new Map(table.columns.map((column) => [column.name, column]));
  }

  column(name: string): StreamsTable['columns'][number] | undefined {
    return this.#columns.get(name);
  }

  labels(stream: number): Labels {
    return this.#table.labels(stream);
  }
}
