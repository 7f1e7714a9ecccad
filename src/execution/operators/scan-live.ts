import type { LiveTarget, ScanOptions } from '../../planning/physical/node.js';
import { type EntriesBatch, openRows, valueBytes } from '../../wire/entries.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { withTenantLabel } from '../../wire/tenant.js';
import { type TimeRange, TimestampView, timestampBase } from '../../wire/time.js';
import type { StringColumn, TextColumn } from '../batch/column.js';
import { Dictionary } from '../batch/dictionary.js';
import { LogBatch, type RowSource } from '../batch/log-batch.js';
import { LabelledStreams, type StreamSet } from '../batch/streams.js';
import type { ExecutionContext } from '../context.js';
import type { Pipeline } from '../pipeline.js';
import { keepFirstCopies, type OlderCopies } from './older-copies.js';
import { ScanFilter } from './scan-filter.js';

/** Reads what an ingester holds in memory: entries batches as they were pushed, in place. */
export async function* scanLive(
  target: LiveTarget,
  scan: ScanOptions,
  context: ExecutionContext,
  copies: OlderCopies,
): Pipeline<LogBatch> {
  const { batches, labels } = await context.readLive(target);
  const { tenant } = target;
  const streams = new LabelledStreams(
    tenant === undefined ? labels : labels.map((set) => withTenantLabel(set, tenant)),
  );
  const filter = new ScanFilter(scan.predicates);
  const dictionaries = new Map<string, Dictionary>();
  const ordered = scan.order === 'descending' ? [...batches].reverse() : batches;
  for (const { batch: bytes, runs } of ordered) {
    context.signal.throwIfAborted();
    const entries = openRows(bytes);
    const batch = liveBatch(entries, runs, scan.range, target.windows, streams, dictionaries);
    count(context, batch, entries);
    keepFirstCopies(batch, copies);
    filter.apply(batch);
    context.counters.rowsKept += batch.count;
    if (batch.count > 0) yield batch;
  }
}

function count({ counters }: ExecutionContext, batch: LogBatch, entries: EntriesBatch): void {
  counters.rowsScanned += batch.count;
  counters.liveRows += batch.count;
  for (let i = 0; i < batch.count; i++) {
    const row = batch.row(i);
    counters.bytesScanned += entries.messageOffsets[row + 1]! - entries.messageOffsets[row]!;
    counters.metadataBytesScanned += valueBytes(entries, row, row + 1);
  }
}

/** The rows of the given runs that lie in the range and in one of the windows. */
function liveBatch(
  entries: EntriesBatch,
  runs: Int32Array,
  range: TimeRange,
  windows: readonly TimeRange[],
  streams: StreamSet,
  dictionaries: Map<string, Dictionary>,
): LogBatch {
  const { rows } = entries;
  const base = range.start;
  const origin = timestampBase(base);
  const spans = windows.map(({ start, end }) => [Number(start - base), Number(end - base)] as const);
  const length = Number(range.end - base);
  const view = new TimestampView(entries.times);
  const times = new Float64Array(rows);
  const streamIds = new Int32Array(rows);
  const selected = new Int32Array(rows);
  let kept = 0;
  for (let run = 0; run < runs.length; run += 3) {
    const stream = runs[run + 2]!;
    for (let row = runs[run]!; row < runs[run + 1]!; row++) {
      const time = view.offset(row, origin);
      if (time < 0 || time >= length || !inAny(spans, time)) continue;
      times[row] = time;
      streamIds[row] = stream;
      selected[kept++] = row;
    }
  }
  const batch = new LogBatch(base, times, streams, streamIds, new EntriesSource(entries, dictionaries));
  batch.select(selected.subarray(0, kept).sort(), kept);
  return batch;
}

function inAny(spans: readonly (readonly [number, number])[], time: number): boolean {
  for (const span of spans) if (time >= span[0] && time < span[1]) return true;
  return false;
}

/** Message and metadata of an entries batch; metadata values are interned across the batches of one scan. */
class EntriesSource implements RowSource {
  readonly #entries: EntriesBatch;
  readonly #dictionaries: Map<string, Dictionary>;
  readonly #bytes: Buffer;

  constructor(entries: EntriesBatch, dictionaries: Map<string, Dictionary>) {
    this.#entries = entries;
    this.#dictionaries = dictionaries;
    this.#bytes = Buffer.from(entries.messages.buffer, entries.messages.byteOffset, entries.messages.byteLength);
  }

  message(): TextColumn {
    return { offsets: this.#entries.messageOffsets, bytes: this.#bytes };
  }

  messageLengths(): undefined {
    return undefined;
  }

  metadataKeys(): readonly string[] {
    return this.#entries.keys;
  }

  metadata(key: string): StringColumn | undefined {
    const { keys, rows, pairStarts, pairs, pairKeys } = this.#entries;
    const wanted = keys.indexOf(key);
    if (wanted < 0) return undefined;
    const dictionary = this.#dictionary(key);
    const known = this.#intern(wanted, dictionary);
    const ids = new Int32Array(rows).fill(-1);
    for (let row = 0; row < rows; row++) {
      for (let at = pairStarts[row]!; at < pairStarts[row + 1]!; at++) {
        const pair = pairs[at]!;
        if (pairKeys[pair] !== wanted) continue;
        ids[row] = known[pair]!;
        break;
      }
    }
    return { ids, values: dictionary.values };
  }

  /** By pair, the number of its value; of pairs with this key. */
  #intern(key: number, dictionary: Dictionary): Int32Array {
    const { pairKeys, pairOffsets, metadata } = this.#entries;
    return pairKeys.map((own, pair) =>
      own === key ? dictionary.intern(metadata, pairOffsets[pair]!, pairOffsets[pair + 1]!) : -1,
    );
  }

  #dictionary(key: string): Dictionary {
    if (this.#dictionaries.get(key)?.full) this.#dictionaries.delete(key);
    return getOrCreate(this.#dictionaries, key, () => new Dictionary());
  }
}
