import { describe, expect, it } from 'vitest';
import { entriesOf, type Row } from '../../../../test/support/entries.js';
import { A, B, Harness, messageOf, NOTHING, readRows } from '../../../../test/support/ingester-steps.js';
import type { WalRecord } from '../../../storage/wal/record.js';
import { segmentName } from '../../../storage/wal/segment.js';
import { fault } from '../../../wire/fault.js';
import { loadFingerprint } from '../recent.js';
import { chooseSegments, type FoundSegment, stretchesOf } from './choose.js';
import { digesting } from './digest.js';

const digest = digesting(await loadFingerprint());

interface Segment {
  readonly found: FoundSegment;
  readonly records: readonly WalRecord[];
}

function segment(name: string, first: number, ...pushes: readonly Record<string, readonly Row[]>[]): Segment {
  const records = pushes.map((streams, i) => ({ seq: first + i, payload: new Uint8Array(entriesOf(streams).buffer) }));
  return { found: { name, made: digest(records) }, records };
}

const OLD = segment('old', 5, { [A]: [[10, 'one'], [30, 'two']], [B]: [[15, 'three']] }, { [A]: [[20, 'four']] }); // biome-ignore format: a row a pair
const NEW = segment('new', 7, { [B]: [[1_500_000, 'five']] }, { [A]: [[40, 'six']] });
const NEWEST = { seq: 9, entries: entriesOf({ [A]: [[50, 'seven']] }) };

/** Two segments are left in the log, and one is in memory. */
function restarted(settings: ConstructorParameters<typeof Harness>[0] = {}): Harness {
  const left = [OLD.found, NEW.found];
  return new Harness(settings, {}, { ...NOTHING, left, batches: [NEWEST], lastSeq: 9, truncatedSeq: 4 });
}

function give(h: Harness, { records }: Pick<Segment, 'records'>): void {
  h.event({ kind: 'log.read', table: h.reads.shift()!, records });
}

describe('segments that a restart leaves in the log', () => {
  it('are named to queries by their streams, and read when these ask for rows', () => {
    const h = restarted({ flushConcurrency: 0 });
    const { memtables } = h.live();
    expect(memtables.map(({ fromSeq, toSeq, rows, bytes }) => [fromSeq, toSeq, rows, bytes])).toEqual([
      [5, 6, 4, 15],
      [7, 8, 2, 7],
      [9, 9, 1, 5],
    ]);
    expect(memtables[0]!.streams).toEqual([
      { id: 0, key: A, labels: [['app', 'a']], minTime: 10n, maxTime: 30n, rows: 3, bytes: 10 },
      { id: 1, key: B, labels: [['app', 'b']], minTime: 15n, maxTime: 15n, rows: 1, bytes: 5 },
    ]);
    const streams = Int32Array.of(1, 0);
    const first = h.ask({ kind: 'live.read', snapshot: memtables[0]!.snapshot, streams });
    const second = h.ask({ kind: 'live.read', snapshot: memtables[0]!.snapshot, streams: Int32Array.of(0) });
    expect([first.reply, h.reads.map(({ name }) => name)]).toEqual([null, ['old']]);
    give(h, OLD);
    expect(readRows(first.reply)).toEqual(['10 one {}', '30 two {}', '15 three {}', '20 four {}']);
    expect(readRows(second.reply)).toEqual(['10 one {}', '30 two {}', '20 four {}']);
    expect(readRows(h.read(memtables[2]!.snapshot, [0]))).toEqual(['50 seven {}']);
  });

  it('become objects one after the other, oldest first, and are forgotten then', () => {
    const h = restarted({ objectWindowMs: 1 });
    expect([h.reads.length, h.stores.length, h.metric('flush_queue_length')]).toEqual([1, 0, 2]);
    give(h, OLD);
    const { input } = h.stored();
    expect(input.source).toEqual({ writer: 'ingester-0', fromSeq: 5, toSeq: 6 });
    expect([...input.runs]).toEqual([0, 0, 2, 0, 0, 2, 3, 1, 1, 0, 1, 0]);
    expect([h.truncated, h.reads.map(({ name }) => name)]).toEqual([[6], ['new']]);
    expect(h.metric('memory_bytes')).toBeLessThan(h.freed + 3000);
    give(h, NEW);
    expect([h.stored(), h.stored()].map((one) => one.input.window.start)).toEqual([0n, 1_000_000n]);
    expect(h.truncated.at(-1)).toBe(8);
    h.after(60_000);
    expect(h.stored().input.source).toMatchObject({ fromSeq: 9, toSeq: 9 });
    expect(h.truncated.at(-1)).toBe(9);
  });

  it('stay in the log as long as a query that named them may read them', () => {
    const h = restarted();
    const [old] = h.live('tenant', [], 'slow').memtables;
    give(h, OLD);
    h.stored();
    give(h, NEW);
    h.stored();
    expect(h.truncated.every((seq) => seq === 4)).toBe(true);
    const asked = h.ask({ kind: 'live.read', snapshot: old!.snapshot, streams: Int32Array.of(1) });
    if (h.reads.length > 0) give(h, OLD);
    expect(readRows(asked.reply)).toEqual(['15 three {}']);
    h.ask({ kind: 'live.release', query: 'slow' });
    expect(h.truncated.at(-1)).toBe(8);
  });

  it('that cannot be read fail what asks for them, and are tried again', () => {
    const h = restarted();
    const { snapshot } = h.live().memtables[0]!;
    const asked = h.ask({ kind: 'live.read', snapshot, streams: Int32Array.of(0) });
    const flushed = h.ask({ kind: 'flush' });
    const why = fault('unavailable', 'EIO');
    h.event({ kind: 'log.unread', table: h.reads.shift()!, fault: why });
    expect(messageOf(asked.reply)).toBe('unavailable: EIO');
    expect(messageOf(flushed.reply)).toMatch(/^unavailable: flush failed/);
    expect([h.metric('chunks_flush_failures_total'), h.truncated]).toEqual([1, []]);
    h.after(10_000);
    give(h, OLD);
    expect(h.stores).toHaveLength(1);
  });

  it('that have lost records since are without these from then on, which is said once', () => {
    const h = restarted();
    const { snapshot } = h.live().memtables[0]!;
    const asked = h.ask({ kind: 'live.read', snapshot, streams: Int32Array.of(0, 1) });
    const others = entriesOf({ [B]: [[70, 'never acknowledged']] });
    give(h, { records: [OLD.records[1]!, { seq: 60, payload: new Uint8Array(others.buffer) }] });
    expect(readRows(asked.reply)).toEqual(['20 four {}']);
    expect(h.lost).toEqual([1]);
    const { streams, batches, runs } = h.stored().input;
    expect([streams, batches.length, [...runs]]).toEqual([[{ labels: [['app', 'a']] }], 1, [0, 0, 1, 0]]);
    expect(h.truncated).toEqual([4]);
  });

  it('that have lost all records are forgotten when it is their turn', () => {
    const h = restarted({ objectWindowMs: 1 });
    give(h, { records: [] });
    give(h, { records: [] });
    expect([h.lost, h.stores, h.truncated]).toEqual([[2, 2], [], [6, 8]]);
  });

  it('are known when they come again, without being read', () => {
    const h = restarted();
    expect(h.write({ [A]: [[20, 'four']] })).toEqual({ kind: 'ok' });
    expect([h.metric('duplicate_entries_total'), h.groups.length]).toEqual([1, 0]);
  });

  it('hold up no push with what a query had read, which is let go when pushes need the room', () => {
    const h = restarted({
      flushConcurrency: 0,
      backlogBytesMax: restarted({ flushConcurrency: 0 }).metric('memory_bytes')! + 100,
    });
    const [old, newer] = h.live().memtables;
    h.ask({ kind: 'live.read', snapshot: old!.snapshot, streams: Int32Array.of(0) });
    give(h, OLD);
    h.ask({ kind: 'live.read', snapshot: newer!.snapshot, streams: Int32Array.of(0) });
    give(h, NEW);
    h.append({ [A]: [[60, 'eight']] });
    expect(h.groups).toHaveLength(1);
    expect(h.reads).toEqual([]);
    h.ask({ kind: 'live.read', snapshot: old!.snapshot, streams: Int32Array.of(0) });
    expect(h.reads.map(({ name }) => name)).toEqual(['old']);
  });

  it('let go of memory when there is more than waits for a flush', () => {
    const h = restarted({ flushConcurrency: 0, backlogBytesMax: 1 });
    const [old, newer] = h.live().memtables;
    h.ask({ kind: 'live.read', snapshot: old!.snapshot, streams: Int32Array.of(0) });
    give(h, OLD);
    const before = h.metric('memory_bytes');
    h.ask({ kind: 'live.read', snapshot: newer!.snapshot, streams: Int32Array.of(0) });
    give(h, NEW);
    expect(h.metric('memory_bytes')).toBeLessThanOrEqual(before);
    h.ask({ kind: 'live.read', snapshot: old!.snapshot, streams: Int32Array.of(0) });
    expect(h.reads.map(({ name }) => name)).toEqual(['old']);
  });
});

describe('what was compared when it came', () => {
  const named = (firstSeq: number, afterSeq: number): FoundSegment =>
    segment(segmentName({ firstSeq, afterSeq }), firstSeq, { [A]: [[1, 'x']] }, { [A]: [[2, 'y']] }).found;

  it('are the segments of a stretch of the log without a gap', () => {
    const found = [named(1, 0), named(3, 2), named(5, 4)];
    expect(stretchesOf(found)).toEqual([1, 1, 1]);
    expect(stretchesOf([found[0]!, found[2]!])).toEqual([1, 5]);
    expect(stretchesOf([...found, named(8, 6), named(10, 9)])).toEqual([1, 1, 1, 8, 8]);
    expect(stretchesOf([named(1, 0), named(3, 1)])).toEqual([1, 3]);
    expect(stretchesOf([OLD.found, NEW.found])).toEqual([5, 7]);
  });

  it('need not be compared by queries, and all else has to be', () => {
    const left = [named(1, 0), named(3, 2), named(8, 4)];
    const h = new Harness({}, {}, { ...NOTHING, left, batches: [{ ...NEWEST, seq: 20 }], lastSeq: 20 });
    const names = h.live().memtables.map(({ distinct }) => distinct);
    expect([names[0] === names[1], new Set(names).size, names[3]]).toEqual([true, 3, undefined]);
  });
});

describe('choosing what of a log becomes memory', () => {
  const found = [OLD.found, NEW.found];
  const names = (bytes: number, coverage: Parameters<typeof chooseSegments>[1] = new Map()) => {
    const { taken, left } = chooseSegments(found, coverage, bytes);
    return { taken, left: left.map(({ name }) => name) };
  };

  it('takes the newest, as much as one memtable has', () => {
    expect(names(2000)).toEqual({ taken: [], left: ['old', 'new'] });
    expect(names(4000)).toEqual({ taken: ['new'], left: ['old'] });
    expect(names(6000)).toEqual({ taken: ['old', 'new'], left: [] });
  });

  it('takes those of which objects may have some', () => {
    const covered = (from: number, to: number) =>
      new Map([['tenant', [{ window: 0n, ranges: [[from, to]] as const }]]]);
    expect(names(0, covered(1, 4))).toEqual({ taken: [], left: ['old', 'new'] });
    expect(names(0, covered(1, 5))).toEqual({ taken: ['old'], left: ['new'] });
    expect(names(0, covered(6, 7))).toEqual({ taken: ['old', 'new'], left: [] });
  });

  it('leaves out records that make no sense, and says how many', () => {
    const { records } = OLD;
    const made = digest([{ seq: 1, payload: new Uint8Array(100) }, ...records]);
    expect(made).toMatchObject({ firstSeq: 1, lastSeq: 6, unreadable: 1, tenantOf: [-1, 0, 0] });
    expect(
      digest(new Set([{ seq: 3, payload: new Uint8Array(entriesOf({ nonsense: [[1, 'x']] }).buffer) }])),
    ).toMatchObject({
      unreadable: 1,
    });
  });
});
