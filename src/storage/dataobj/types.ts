/**
 * Public shapes of a data object: what a build takes and gives, and what a reader offers. The byte formats are drawn
 * in docs/format/{dataobj,logs,streams,pointers}.md.
 *
 * Two numberings occur everywhere: a *section* is the ordinal of a logs section within its object, and a *stream id*
 * is the rank of a stream's labels among the streams of that object. Neither means anything outside the object.
 */
import type { OriginRanges } from '../../wire/batch-copy.js';
import type { EntriesBatch } from '../../wire/entries.js';
import type { Labels } from '../../wire/labels.js';
import type { Nanos, TimeRange } from '../../wire/time.js';

// --- Building --------------------------------------------------------------------------------------------------------

/** Which part of a writer's log an object makes durable: sequence numbers `fromSeq` to `toSeq`, both inclusive. */
export interface ObjectSource {
  readonly writer: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Replicated parts: all that they had in the object's window, if anything, is stored. Only where there are any. */
  readonly copies?: readonly OriginRanges[];
}

export interface BuildInput {
  readonly tenant: string;
  /** Their names of streams are not looked at. */
  readonly batches: readonly EntriesBatch[];
  /** Index = the stream number used in `runs`; the object renumbers streams, those of a service in a row. */
  readonly streams: readonly { readonly labels: Labels }[];
  /** Quads (batch, fromRow, toRow, stream) in arrival order; rows fromRow..toRow-1 of a batch belong to one stream. */
  readonly runs: Int32Array;
  /** Rows outside are skipped. At most 52 days (2^52 ns) long. */
  readonly window: TimeRange;
  readonly source: ObjectSource;
}

/** Sizes in bytes of raw (uncompressed) message text unless said otherwise. */
export interface BuildSettings {
  /** A time slice that "newest N" reads alone; smaller slices split streams into more runs. */
  readonly bucketBytes: number;
  /** A section is the unit of a scan task; it holds whole buckets. */
  readonly sectionBytes: number;
  /** A page may end at a change of stream once it is this large... */
  readonly pageBytesMin: number;
  /** ...and ends anywhere once its messages or its metadata are this large or it has this many rows (at most 2^20). */
  readonly pageBytesMax: number;
  readonly pageRowsMax: number;
  /** Metadata keys with a column of their own per section, most frequent first; the others share one column. */
  readonly metadataColumnsMax: number;
  readonly zstdLevel: number;
  /**
   * Widths of the bins of time that rows are counted in, in ns, narrowest first: the first that pays, and wider ones that
   * are multiples of it and need far fewer bins.
   */
  readonly countBinsNs: readonly number[];
  /** Bins pay while each stands for so many rows, on average. */
  readonly rowsPerBinMin: number;
  /** Shapes of lines pay while each stands for so many rows, on average. */
  readonly rowsPerShapeMin: number;
}

export const DEFAULT_BUILD_SETTINGS: BuildSettings = {
  bucketBytes: 8 << 20,
  sectionBytes: 64 << 20,
  pageBytesMin: 128 << 10,
  pageBytesMax: 512 << 10,
  pageRowsMax: 16384,
  metadataColumnsMax: 64,
  zstdLevel: 1,
  countBinsNs: [1e9, 10e9, 60e9, 300e9, 3600e9],
  rowsPerBinMin: 8,
  rowsPerShapeMin: 8,
};

/** Facts about one logs section that the table of contents repeats. Times are inclusive. */
export interface SectionSummary {
  readonly index: number;
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly rows: number;
  /** Raw message bytes. */
  readonly bytes: number;
}

/** What a table of contents needs to know about an object besides its path and creation time. */
export interface ObjectSummary {
  readonly tenant: string;
  /** Stored size in bytes. */
  readonly size: number;
  /** Inclusive; both are the window's start when `rows` is 0. */
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly rows: number;
  /** Raw bytes: messages plus metadata keys and values. */
  readonly rawBytes: number;
  readonly streams: number;
  readonly sections: readonly SectionSummary[];
  readonly source: ObjectSource;
}

export interface BuiltObject {
  /** The object's bytes on an ArrayBuffer of their own, so that they can be transferred between threads. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly summary: ObjectSummary;
}

// --- Reading ---------------------------------------------------------------------------------------------------------

/** Random access to the bytes of one object. A read past the end is an error of the caller. */
export interface RangeReader {
  readonly size: number;
  /** To read this much too much costs less than another read; absent: as over a network. */
  readonly gapBytes?: number | undefined;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** An open object: its metadata is read and checked, everything else is read when asked for and then kept. */
export interface ObjectHandle {
  readonly path: string;
  readonly size: number;
  readonly tenant: string;
  readonly source: ObjectSource;
  /** Number of logs sections. */
  readonly sections: number;
  /** Bytes this handle keeps in memory; grows as parts are read. */
  readonly residentBytes: number;
  /** Throws CorruptObject. */
  streams(): Promise<StreamsTable>;
  /** Throws CorruptObject. */
  pointers(section: number): Promise<Pointers>;
  /** Throws CorruptObject. */
  section(section: number): Promise<SectionReader>;
}

/** The streams of an object in columns; index = stream id. Times are ns offsets from `base`, inclusive. */
export interface StreamsTable {
  readonly base: Nanos;
  readonly count: number;
  /** One column per label name that any stream has; `ids[stream]` indexes `values`, -1 where the stream lacks it. */
  readonly columns: readonly LabelColumn[];
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
  readonly rows: Float64Array;
  readonly messageBytes: Float64Array;
  readonly metadataBytes: Float64Array;
  labels(stream: number): Labels;
}

export interface LabelColumn {
  readonly name: string;
  /** Distinct, sorted by UTF-16 code unit. */
  readonly values: readonly string[];
  readonly ids: Int32Array;
}

/** The index of one logs section. Times are ns offsets from `base`, inclusive at both ends. */
export interface Pointers {
  readonly section: number;
  readonly base: Nanos;
  readonly rows: number;
  readonly pages: PageIndex;
  readonly runs: RunIndex;
  readonly columns: readonly ColumnIndex[];
  /** Metadata keys without a column of their own: look them up with `SectionPages.rest`. Sorted. */
  readonly restKeys: readonly string[];
  column(name: string): ColumnIndex | undefined;
  /** Rows counted by stream, bin of time and the values of some metadata keys. */
  readonly counted: readonly Counted[];
  /** Reads the counts of `counted[index]` on first use. Throws CorruptObject. */
  counts(index: number): Promise<Counts>;
  /**
   * Clears the bits of pages that certainly have no row whose message contains the needle as a substring. Bit p of
   * byte p >> 3 stands for page p. Reads the text filter on first use. Throws CorruptObject.
   */
  textCandidates(needle: Uint8Array, pages: Uint8Array): Promise<void>;
  /** Clears the bits of pages that certainly have no row whose metadata `key` equals `value`. Throws CorruptObject. */
  metadataCandidates(key: string, value: string, pages: Uint8Array): Promise<void>;
}

/** What a table of counts tells apart besides streams and bins of time. */
export interface Counted {
  /** Metadata keys; none = whatever the metadata is. */
  readonly keys: readonly string[];
  /** Of each key, what `value` of the counts refers to. */
  readonly values: readonly (readonly string[])[];
  readonly widthNs: number;
  /** How many there are, over all groups. */
  readonly bins: number;
}

/**
 * Group g is the rows of a stream with the value value[g * keys + k] of each key (-1: none), counted in bins
 * starts[g]..starts[g+1]. Bin number b covers the times after `origin + b * widthNs` up to and with
 * `origin + (b + 1) * widthNs`, as ns offsets from the section's base.
 */
export interface Counts {
  readonly widthNs: number;
  readonly origin: number;
  readonly stream: Int32Array;
  readonly value: Int32Array;
  readonly starts: Int32Array;
  /** Ascending within a group. */
  readonly bin: Int32Array;
  readonly rows: Int32Array;
  readonly messageBytes: Int32Array;
}

/** Columns over the pages of a section; page p of every column covers the same rows. */
export interface PageIndex {
  readonly count: number;
  readonly firstRow: Int32Array;
  readonly rows: Int32Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
  readonly messageBytes: Int32Array;
}

/**
 * Stream runs: page p consists of runs starts[p]..starts[p+1], one per stream in it, in row order and each in time
 * order. This answers counts and byte sums without reading a page.
 */
export interface RunIndex {
  readonly starts: Int32Array;
  readonly stream: Int32Array;
  readonly rows: Int32Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
  readonly messageBytes: Int32Array;
  /** Keys plus values, of all pairs of the run's rows. */
  readonly metadataBytes: Int32Array;
}

export type ColumnEncoding = 'delta-int32' | 'delta-int64' | 'delta-length' | 'dictionary';

/** Where the pages of one column lie; offsets are relative to the start of the logs section. */
export interface ColumnIndex {
  /** Parquet name: `stream_id`, `timestamp`, `shape`, `number.<n>`, `message`, `metadata.<key>` or `metadata` (the rest). */
  readonly name: string;
  readonly encoding: ColumnEncoding;
  readonly optional: boolean;
  /** Stored bytes of the whole column chunk. */
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly nulls: number;
  /** Of its dictionary, unpacked; 0 without one. */
  readonly dictionaryBytes: number;
}

export const TIMESTAMP_COLUMN = 'timestamp';
export const MESSAGE_COLUMN = 'message';
export const STREAM_COLUMN = 'stream_id';
export const REST_COLUMN = 'metadata';
/** See logs/shape.ts. */
export const SHAPE_COLUMN = 'shape';

/** The column of the n-th numbers of lines: see logs/number-slots.ts. */
export function numberColumn(n: number): string {
  return `number.${n}`;
}

/** The Parquet column that holds a structured-metadata key. */
export function metadataColumn(key: string): string {
  return `metadata.${key}`;
}

/** Reads pages of one logs section. */
export interface SectionReader {
  readonly section: number;
  readonly pointers: Pointers;
  /**
   * Reads the given pages (ascending) of the given columns, near neighbours in one request. Names the section has no
   * column for are ignored. Damage shows when a page is decoded, so that one bad page does not prevent reading others.
   */
  fetch(columns: readonly string[], pages: ArrayLike<number>): Promise<SectionPages>;
  /** All shapes of the section's lines, undefined where there are none. Damage may only show when they are looked at. Throws CorruptObject. */
  shapes(): Promise<Shapes | undefined>;
}

/** Fetched pages. Every method decodes one page of one fetched column and throws CorruptObject. */
export interface SectionPages {
  readonly rows: Int32Array;
  /**
   * Rows of the page are being picked: where that is so again, what has been fetched and decoded of it, and will be, is kept for
   * later questions as long as there is room. `lines`: those of `messages`, if they were decoded before. False where nothing is
   * kept; otherwise nobody may release them.
   */
  keep(page: number, lines?: TextPage): boolean;
  /** Whether a page of a column was fetched. */
  has(column: string, page: number): boolean;
  /** Writes ns offsets from the section's base of as many rows as `out` has, from `first` (0) on; ascending within each run of a stream. */
  timestamps(page: number, out: Float64Array, first?: number): void;
  streamIds(page: number, out: Int32Array): void;
  messages(page: number): TextPage;
  /** Writes the numbers of the shapes of lines of as many rows as `out` has, from `first` (0) on. */
  shapeIds(page: number, out: Int32Array, first?: number): void;
  /** Of rows first..last-1 (all) the n-th number of the line, a whole number of 15 digits at most, NaN where none is kept. */
  numbers(n: number, page: number, first?: number, last?: number): Float64Array;
  /** Metadata keys that rows of the page may have in the columns that were fetched. */
  keys(page: number): readonly string[];
  /**
   * Null when no row of the page has the key, or the section no column for it: see `Pointers.restKeys`. Where `rows` are
   * given (ascending), others may come out as absent. Of rows first..last-1 (all) alone: ids[i] is that of row first + i.
   */
  metadata(key: string, page: number, rows?: Int32Array, first?: number, last?: number): ValuesPage | null;
  /** The same of the given rows alone (ascending): ids[i] is that of rows[i]. */
  metadataAt(key: string, page: number, rows: Int32Array): ValuesPage | null;
  /** The same as bytes, for columns whose encoding is 'delta-length'; null for all others. */
  metadataText(key: string, page: number): OptionalTextPage | null;
  /** Keys without a column: ids index objects of key to value. Null when the section has none. */
  rest(page: number): RestPage | null;
  /** The same of the given rows alone (ascending). */
  restAt(page: number, rows: Int32Array): RestPage | null;
}

/** Arrow Utf8: row i is bytes[offsets[i]..offsets[i+1]]; offsets[0] is 0. */
export interface TextPage {
  readonly offsets: Int32Array;
  readonly bytes: Buffer;
  /** Frees the bytes at once: nobody may look at them any more. */
  release?(): void;
}

/** Shape i is bytes[starts[i]..ends[i]]. */
export interface Shapes {
  /** The same whenever those of a section are read again, as long as it is open; absent: this very object. */
  readonly section?: object;
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly bytes: Buffer;
}

/** Only present rows have text: row i is text number ranks[i], absent when that is -1. */
export interface OptionalTextPage extends TextPage {
  readonly ranks: Int32Array;
}

/** Row i has values[ids[i]], nothing when ids[i] is -1. `values` of a dictionary column is one array for all pages. */
export interface ValuesPage {
  readonly ids: Int32Array;
  readonly values: readonly string[];
}

export interface RestPage {
  readonly ids: Int32Array;
  readonly values: readonly Readonly<Record<string, string>>[];
}
