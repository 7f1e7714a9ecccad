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
        let column = this.#columns.get(name);
        if (!column) {
          this.#columns.set(name, (column = { ids: new Int32Array(labels.length).fill(-1), values: [] }));
          ranks.set(name, new Map());
        }
        const known = ranks.get(name)!;
        let id = known.get(value);
        if (id === undefined) known.set(value, (id = column.values.push(value) - 1));
        column.ids[stream] = id;
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
