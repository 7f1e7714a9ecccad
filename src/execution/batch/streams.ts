import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';

/** The streams whose rows a batch holds: label columns by stream, not by row. */
export interface StreamSet {
  readonly count: number;
  readonly names: readonly string[];
  /** `ids[stream]` indexes `values`, -1 where the stream lacks the label. */
  column(name: string): { readonly ids: Int32Array; readonly values: readonly string[] } | undefined;
  labels(stream: number): Labels;
}

/** Streams given as label sets. */
export class LabelledStreams implements StreamSet {
  readonly #labels: readonly Labels[];
  readonly #columns = new Map<string, { ids: Int32Array; values: string[] }>();

  constructor(labels: readonly Labels[]) {
    this.#labels = labels;
    const ranks = new Map<string, Map<string, number>>();
    labels.forEach((set, stream) => {
      for (const [name, value] of set) {
        const column = getOrCreate(this.#columns, name, () => ({
          ids: new Int32Array(labels.length).fill(-1),
          values: [],
        }));
        const known = getOrCreate(ranks, name, () => new Map<string, number>());
        column.ids[stream] = getOrCreate(known, value, () => column.values.push(value) - 1);
      }
    });
  }

  get count(): number {
    return this.#labels.length;
  }

  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  column(name: string): { readonly ids: Int32Array; readonly values: readonly string[] } | undefined {
    return this.#columns.get(name);
  }

  labels(stream: number): Labels {
    return this.#labels[stream]!;
  }
}
