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
  const windows = new Map<Nanos, WindowPart>();
  const partOf = (start: Nanos): WindowPart => getOrCreate(windows, start, () => new WindowPart(tenant.streams.length));
  // A stream is in one window, nearly always, and then nobody looks at the times of its rows.
  const homes = tenant.streams.map(({ minTime, maxTime }) => {
    const start = windowStart(minTime, windowNs);
    return maxTime < start + windowNs ? partOf(start) : null;
  });
  const [only] = windows.keys();
  if (only !== undefined && windows.size === 1 && !tenant.hasLost && !homes.includes(null))
    return new Map([[only, wholeTenant(tenant)]]);
  const { runs } = tenant;
  for (let at = 0; at < runs.length; at += 4) {
    const [from, to, id] = [runs[at + 1]!, runs[at + 2]!, runs[at + 3]!];
    const of = { number: runs[at]!, batch: tenant.batches[runs[at]!]!, stream: id, labels: tenant.streams[id]!.labels };
    const home = homes[id];
    if (home) home.add(of, from, to);
    else cutRun(of, from, to, windowNs, partOf);
  }
  return new Map([...windows].flatMap(([start, part]) => (part.isEmpty ? [] : [[start, part.input()]])));
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
function cutRun(of: RowsOf, from: number, to: number, windowNs: bigint, partOf: (start: Nanos) => WindowPart): void {
  const { words, entries } = of.batch;
  const ends = new BigInt64Array(2);
  const endWords = new Int32Array(ends.buffer);
  let begun = from;
  let start: Nanos | null = null;
  for (let row = from; row < to; row++) {
    if (start !== null && isOlder(words, row, endWords, 1) && !isOlder(words, row, endWords, 0)) continue;
    if (start !== null) partOf(start).add(of, begun, row);
    begun = row;
    start = windowStart(entries.times[row]!, windowNs);
    ends[0] = start;
    ends[1] = start + windowNs;
  }
  if (start !== null) partOf(start).add(of, begun, to);
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
