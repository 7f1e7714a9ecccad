/** Public shapes of the metastore: tables of contents, matchers, and what the catalog resolves a selector to. */
import type { OriginRanges } from '../../wire/batch-copy.js';
import type { Labels } from '../../wire/labels.js';
import type { Nanos, TimeRange } from '../../wire/time.js';
import type { ObjectSource, Pointers, SectionSummary, StreamsTable } from '../dataobj/types.js';

/** One object of one tenant and window. Times are inclusive. */
export interface TocEntry {
  readonly path: string;
  readonly size: number;
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly rows: number;
  readonly rawBytes: number;
  readonly sections: readonly SectionSummary[];
  readonly source: ObjectSource;
  /** Milliseconds since the epoch, from the writer's clock. */
  readonly created: number;
}

/** A label matcher whose text has been compiled by the caller. A missing label is matched as the empty string. */
export interface StreamMatcher {
  readonly name: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  /** The whole verdict on a label's value, negation included. Pure. */
  matches(text: string): boolean;
}

/** An object that could not be read; the rest of an answer stands without it. */
export interface DamagedObject {
  readonly path: string;
  readonly reason: string;
}

/** Statistics of one stream over the objects (or sections) an answer covers. Times are inclusive. */
export interface StreamStats {
  readonly labels: Labels;
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  readonly rows: number;
  readonly messageBytes: number;
  readonly metadataBytes: number;
}

export interface ResolveRequest {
  readonly tenant: string;
  readonly range: TimeRange;
  readonly matchers: readonly StreamMatcher[];
  /** AND of ORs: a row can only matter if its message contains, for every group, at least one of the group's needles. */
  readonly needles?: readonly (readonly Uint8Array[])[];
  /** AND: a row can only matter if, for every item, its metadata `key` equals one of `values`. */
  readonly metadataEquals?: readonly { readonly key: string; readonly values: readonly string[] }[];
  /** Absent: all of the range is looked up. */
  readonly enough?: Enough;
  /** Keep the sections of one of `of` equal shares; shares are stable and disjoint, and together they are everything. */
  readonly shard?: { readonly index: number; readonly of: number };
}

/**
 * The matching streams of a section in columns, by ascending id. Times are those of the runs in candidate pages, as ns offsets from
 * the section's base, inclusive.
 */
export interface SectionStreams {
  /** All streams of the object, which ids are numbers of. */
  readonly table: Pick<StreamsTable, 'count' | 'columns' | 'labels'>;
  readonly ids: Int32Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
}

/** Pages removed from a section, each counted once, by the first reason in this order. */
export interface PrunedPages {
  readonly streams: number;
  readonly time: number;
  readonly metadata: number;
  readonly text: number;
}

/** A section worth scanning. */
export interface SectionDescriptor {
  readonly path: string;
  /** Stored size of the object, so that opening it needs no extra request. */
  readonly size: number;
  readonly section: number;
  /** Base of every time offset in this section. */
  readonly base: Nanos;
  readonly minTime: Nanos;
  readonly maxTime: Nanos;
  /** Those that match and overlap the range. */
  readonly streams: SectionStreams;
  /** Candidate pages, ascending. */
  readonly pages: Int32Array;
  readonly pagesTotal: number;
  /** Rows and raw message bytes of the matching streams' runs in the candidate pages. */
  readonly rows: number;
  readonly bytes: number;
  readonly prunedBy: PrunedPages;
  readonly source: ObjectSource;
  /** What its index says about metadata. */
  readonly pointers: Pick<Pointers, 'counted' | 'restKeys' | 'column' | 'runs'>;
}

export interface Resolution {
  readonly sections: readonly SectionDescriptor[];
  readonly damaged: readonly DamagedObject[];
  /** Objects and sections looked at, for `explain`. */
  readonly objects: number;
  readonly sectionsTotal: number;
  /** What of the range has not been looked up, since there was enough: in the order of the query it is the last of it. */
  readonly rest?: TimeRange;
}

/** Sequence numbers of one writer that objects of one window hold: ranges are inclusive, disjoint and ascending. */
export interface WindowCoverage {
  readonly window: Nanos;
  readonly ranges: readonly (readonly [fromSeq: number, toSeq: number])[];
}

/** Replicated parts of which objects of one window hold all that these parts had there. */
export interface WindowCopies {
  readonly window: Nanos;
  readonly copies: readonly OriginRanges[];
}

/** The first rows in the order of time are wanted: what lies beyond a time is not looked up where candidate pages before it have so much. */
export interface Enough {
  readonly newestFirst: boolean;
  readonly rows: number;
  /** Of lines. */
  readonly bytes: number;
  /** All is looked up where the sections of the range hold more than this: it is counted, and may be too much. */
  readonly storedBytesMax: number;
}

/** Turns a selector into sections to scan. */
export interface Catalog {
  resolve(request: ResolveRequest): Promise<Resolution>;
}

/** Answers about what is stored. Every answer lists the objects that could not be read. */
export interface MetastoreReader {
  sections(tenant: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<SectionsAnswer>;
  labels(tenant: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<NamesAnswer>;
  values(tenant: string, name: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<NamesAnswer>;
  series(tenant: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<SeriesAnswer>;
  /** As `series`, with one entry for each object that a stream is in, in no order. */
  parts(tenant: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<SeriesAnswer>;
  /** What is durable of a writer's log in the windows that overlap the range; for replay after a restart. */
  coverage(tenant: string, writer: string, range?: TimeRange): Promise<readonly WindowCoverage[]>;
  /** Which replicated parts are durable, of any writer, in the windows that overlap the range. */
  copies(tenant: string, range: TimeRange): Promise<readonly WindowCopies[]>;
}

export interface SectionsAnswer {
  readonly sections: readonly {
    readonly path: string;
    readonly section: number;
    readonly minTime: Nanos;
    readonly maxTime: Nanos;
    readonly rows: number;
    readonly bytes: number;
    readonly streams: Int32Array;
  }[];
  readonly damaged: readonly DamagedObject[];
}

export interface NamesAnswer {
  /** Sorted, distinct. */
  readonly names: readonly string[];
  readonly damaged: readonly DamagedObject[];
}

export interface SeriesAnswer {
  /** One per label set, ordered by canonical label text; counts are of whole objects that overlap the range. */
  readonly series: readonly StreamStats[];
  readonly damaged: readonly DamagedObject[];
}
