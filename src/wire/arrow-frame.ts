/**
 * What travels on a stream between two tasks: one Arrow RecordBatch as an IPC stream (schema, dictionaries, batch, end),
 * readable by any Arrow implementation. The schema's metadata names the kind of frame and carries its attributes.
 */
export { decodeFrame, FrameError } from './arrow-decode.js';
export { encodeFrame, packStrings } from './arrow-encode.js';

export type FrameColumn =
  | { readonly name: string; readonly type: 'int32'; readonly values: Int32Array }
  | { readonly name: string; readonly type: 'float64'; readonly values: Float64Array }
  /** Nanoseconds since the epoch. */
  | { readonly name: string; readonly type: 'timestamp'; readonly values: BigInt64Array }
  | { readonly name: string; readonly type: 'utf8'; readonly offsets: Int32Array; readonly bytes: Uint8Array }
  /** Row i is `values[ids[i]]`. */
  | {
      readonly name: string;
      readonly type: 'dictionary';
      readonly ids: Int32Array;
      readonly values: readonly string[];
    }
  /** Row i is the list of `values[ids[j]]` for j from `starts[i]` to before `starts[i + 1]`; `starts[0]` is 0. */
  | {
      readonly name: string;
      readonly type: 'list';
      readonly starts: Int32Array;
      readonly ids: Int32Array;
      readonly values: readonly string[];
    };

export interface Frame {
  readonly kind: 'rows' | 'samples' | 'states';
  readonly rows: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly columns: readonly FrameColumn[];
}
