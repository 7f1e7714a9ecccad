import type { BuildInput } from '../../storage/dataobj/types.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import { originRanges } from '../../wire/origin-ranges.js';
import { type Nanos, NS_PER_MS } from '../../wire/time.js';
import type { LoggedTable } from './logged/logged-table.js';
import { type MemtableTenant, maxTimeOf, minTimeOf, type SealedMemtable } from './memtable.js';
import { isOlder } from './runs.js';
import type { StoredBatch } from './stream.js';

/** Cuts a memtable into one input per tenant and time window, oldest window first. */
export function planFlush({ table, toSeq }: SealedMemtable, writer: string, windowMs: number): BuildInput[] {
  const range = { writer, fromSeq: table.fromSeq, toSeq };
  return [...table.tenants.values()].flatMap((tenant) => {
    const copies = originRanges(tenant.batches.flatMap(({ copy }) => copy ?? []));
    return inputsOf(rowsInMemory(tenant), copies.length > 0 ? { ...range, copies } : range, windowMs);
  });
}

/** The same of a segment of the log that is in memory. */
export function planLogged(table: LoggedTable, toSeq: number, writer: string, windowMs: number): BuildInput[] {
  const source = { writer, fromSeq: table.fromSeq, toSeq };
  return [...table.tenants.values()].flatMap((tenant) => inputsOf(tenant.rows(), source, windowMs));
}

/** All rows of a tenant that become objects; numbered as in `runs`. */
export interface TenantRows {
  readonly tenant: string;
  readonly batches: readonly RowsBatch[];
  readonly streams: readonly { readonly labels: Labels; readonly minTime: Nanos; readonly maxTime: Nanos }[];
  /** Quads (batch, fromRow, toRow, stream). */
  readonly runs: Int32Array;
  /** Whether streams may be without rows. */
  readonly hasLost?: boolean;
}

export type RowsBatch = Pick<StoredBatch, 'entries' | 'words'>;

function rowsInMemory({ tenant, batches, streams, runs }: MemtableTenant): TenantRows {
  const ends = streams.map((stream) => {
    return { labels: stream.labels, minTime: minTimeOf(stream), maxTime: maxTimeOf(stream) };
  });
  return { tenant, batches, streams: ends, runs };
}

function inputsOf(rows: TenantRows, source: BuildInput['source'], windowMs: number): BuildInput[] {
  const windowNs = BigInt(windowMs) * NS_PER_MS;
  const windows = cutWindows(rows, windowNs);
  const starts = [...windows.keys()].sort((a, b) => (a < b ? -1 : 1));
  return starts.map((start) => ({
    tenant: rows.tenant,
    ...windows.get(start)!,
    window: { start, end: start + windowNs },
    source,
  }));
}

/** Start of the window a time is in. */
export function windowStart(time: Nanos, windowNs: bigint): Nanos {
  const past = time % windowNs;
  return time - (past < 0n ? past + windowNs : past);
}

function cutWindows(tenant: TenantRows, windowNs: bigint): Map<Nanos, Part> {
  const windows = new Windows(windowNs, tenant.streams.length);
  // A stream is in one window, nearly always, and then nobody looks at the times of its rows.
  const homes = tenant.streams.map(({ minTime, maxTime }) => {
    const start = windowStart(minTime, windowNs);
    return maxTime < start + windowNs ? windows.at(start) : null;
  });
  const [only] = windows.parts.keys();
  if (only !== undefined && windows.parts.size === 1 && !tenant.hasLost && !homes.includes(null))
    return new Map([[only, wholeTenant(tenant)]]);
  const { runs } = tenant;
  for (let at = 0; at < runs.length; at += 4) {
    const [from, to, id] = [runs[at + 1]!, runs[at + 2]!, runs[at + 3]!];
    const of = { number: runs[at]!, batch: tenant.batches[runs[at]!]!, stream: id, labels: tenant.streams[id]!.labels };
    const home = homes[id];
    if (home) home.add(of, from, to);
    else cutRun(of, from, to, windows);
  }
  return new Map([...windows.parts].flatMap(([start, part]) => (part.isEmpty ? [] : [[start, part.input()]])));
}

/** All of a tenant, under the numbers that its batches and streams have. */
function wholeTenant({ batches, streams, runs }: TenantRows): Part {
  return {
    batches: batches.map(({ entries }) => entries),
    streams: streams.map(({ labels }) => ({ labels })),
    // A view would be sent with all of the buffer it is of.
    runs: runs.slice(),
  };
}

/** Whose rows they are: a batch and a stream, with their numbers in the tenant. */
interface RowsOf {
  readonly number: number;
  readonly batch: RowsBatch;
  readonly stream: number;
  readonly labels: Labels;
}

/** Gives each window the stretches of a run between two changes of window. */
function cutRun(of: RowsOf, from: number, to: number, windows: Windows): void {
  const { words, entries } = of.batch;
  let begun = from;
  let part = windows.with(words, from) ?? windows.enter(entries.times[from]!);
  for (let row = from + 1; row < to; row++) {
    if (windows.with(words, row)) continue;
    part.add(of, begun, row);
    begun = row;
    part = windows.enter(entries.times[row]!);
  }
  part.add(of, begun, to);
}

/** The windows of a tenant, of which it knows the one that a row was in last: the next row is in that one, nearly always. */
class Windows {
  readonly parts = new Map<Nanos, WindowPart>();
  readonly #windowNs: bigint;
  readonly #streams: number;
  #entered: WindowPart | null = null;
  /** Where that one begins and ends, as times and as their words. */
  readonly #ends = new BigInt64Array(2);
  readonly #words = new Int32Array(this.#ends.buffer);

  constructor(windowNs: bigint, streams: number) {
    this.#windowNs = windowNs;
    this.#streams = streams;
  }

  at(start: Nanos): WindowPart {
    return getOrCreate(this.parts, start, () => new WindowPart(this.#streams));
  }

  /** That of a time. */
  enter(time: Nanos): WindowPart {
    const start = windowStart(time, this.#windowNs);
    this.#ends[0] = start;
    this.#ends[1] = start + this.#windowNs;
    this.#entered = this.at(start);
    return this.#entered;
  }

  /** The one entered last where a row is in it. */
  with(words: Int32Array, row: number): WindowPart | null {
    return isOlder(words, row, this.#words, 1) && !isOlder(words, row, this.#words, 0) ? this.#entered : null;
  }
}

type Part = Pick<BuildInput, 'batches' | 'streams' | 'runs'>;

/** What of one tenant lies in one window; batches and streams are numbered anew, so that nothing else travels along. */
class WindowPart {
  readonly #batches: EntriesBatch[] = [];
  readonly #streams: BuildInput['streams'][number][] = [];
  /** By id; -1 for those that are not in it. */
  readonly #streamNumbers: Int32Array;
  readonly #runs: number[] = [];
  #last = -1;

  /** `streams`: of the tenant. */
  constructor(streams: number) {
    this.#streamNumbers = new Int32Array(streams).fill(-1);
  }

  add({ number, batch, stream, labels }: RowsOf, from: number, to: number): void {
    if (this.#last !== number) this.#batches.push(batch.entries);
    this.#last = number;
    if (this.#streamNumbers[stream] === -1) this.#streamNumbers[stream] = this.#streams.push({ labels }) - 1;
    this.#runs.push(this.#batches.length - 1, from, to, this.#streamNumbers[stream]!);
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  input(): Part {
    return { batches: this.#batches, streams: this.#streams, runs: Int32Array.from(this.#runs) };
  }
}
