import { describe, expect, it } from 'vitest';
import { entriesOf, type Row, rowsOf } from '../../../test/support/entries.js';
import { openEntries } from '../../wire/entries.js';
import { type Fault, fault } from '../../wire/fault.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../wire/limits.js';
import type { LiveSnapshot, Reply } from '../../wire/message.js';
import type { IngesterEffect, IngesterEvent, IngesterMessage, Recovered } from './events.js';
import { observe } from './observe.js';
import { loadFingerprint } from './recent.js';
import { DEFAULT_INGESTER_SETTINGS, type IngesterSettings } from './settings.js';
import { initialState } from './state.js';
import { step } from './step.js';

const A = '{app="a"}';
const B = '{app="b"}';
const FULL = fault('storage-full', 'no space');
const fingerprint = await loadFingerprint();
const EVERYTHING = { start: -(2n ** 63n), end: 2n ** 63n - 1n };

const NOTHING: Recovered = { batches: [], coverage: new Map(), lastSeq: 0, truncatedSeq: 0, unreadable: 0 };

type Appended = Extract<IngesterEffect, { kind: 'wal.append' }>;
type Store = Extract<IngesterEffect, { kind: 'flush.store' }>;

/** An ingester whose disk and bucket do what the test says, when it says so. */
class Harness {
  now = 0;
  readonly truncated: number[] = [];
  readonly groups: Appended[] = [];
  readonly stores: Store[] = [];
  rotations = 0;
  timer: number | null = null;
  isDrained = false;
  readonly #state;

  constructor(
    settings: Partial<IngesterSettings> = {},
    limits: Partial<TenantLimits> = {},
    recovered: Recovered | null = NOTHING,
  ) {
    const all = { ...DEFAULT_INGESTER_SETTINGS, ...settings };
    this.#state = initialState(all, () => ({ ...DEFAULT_LIMITS, ...limits }), fingerprint);
    if (recovered) this.event({ kind: 'recovered', recovered });
  }

  event(event: IngesterEvent): void {
    for (const effect of step(this.#state, event, this.now)) {
      if (effect.kind === 'reply') effect.to(effect.reply);
      else if (effect.kind === 'wal.append') this.groups.push(effect);
      else if (effect.kind === 'flush.store') this.stores.push(effect);
      else if (effect.kind === 'wal.truncate') this.truncated.push(effect.throughSeq);
      else if (effect.kind === 'wal.rotate') this.rotations++;
      else if (effect.kind === 'timer.set') this.timer = this.now + effect.afterMs;
      else this.isDrained = true;
    }
  }

  ask(message: IngesterMessage): { reply: Reply | null } {
    const asked: { reply: Reply | null } = { reply: null };
    this.event({ kind: 'received', message, reply: (reply) => Object.assign(asked, { reply }) });
    return asked;
  }

  append(streams: Record<string, readonly Row[]>, tenant = 'tenant'): { reply: Reply | null } {
    return this.ask({ kind: 'append', batch: entriesOf(streams, tenant).buffer });
  }

  synced(): Record<string, string[]>[] {
    const { records } = this.groups.shift()!;
    this.event({ kind: 'wal.appended' });
    return records.map(({ payload }) => rowsOf(openEntries(payload.buffer as SharedArrayBuffer)));
  }

  refused(why: Fault = FULL): void {
    this.groups.shift();
    this.event({ kind: 'wal.failed', fault: why });
  }

  /** Appends and syncs. */
  write(streams: Record<string, readonly Row[]>, tenant = 'tenant'): Reply | null {
    const asked = this.append(streams, tenant);
    if (this.groups.length > 0) this.synced();
    return asked.reply;
  }

  stored(): Store {
    const store = this.stores.shift()!;
    this.event({ kind: 'flush.stored', job: store.job, bytes: 10 });
    return store;
  }

  failed(): void {
    this.event({ kind: 'flush.failed', job: this.stores.shift()!.job, fault: fault('unavailable', 'no bucket') });
  }

  /** Lets time pass, with the timer. */
  after(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.timer ?? end);
      if (this.timer !== this.now) continue;
      this.timer = null;
      this.event({ kind: 'timer.fired' });
    }
  }

  live(
    tenant = 'tenant',
    matchers: readonly { name: string; op: '=' | '=~'; value: string }[] = [],
    query = 'q',
  ): LiveSnapshot {
    const { reply } = this.ask({ kind: 'live.resolve', tenant, range: EVERYTHING, matchers, query });
    if (reply?.kind !== 'live') throw new Error(JSON.stringify(reply));
    return reply.snapshot;
  }

  read(snapshot: string, streams: readonly number[]): Reply | null {
    return this.ask({ kind: 'live.read', snapshot, streams: Int32Array.from(streams) }).reply;
  }

  /** What a query over everything in memory would see. */
  rows(tenant = 'tenant'): string[] {
    const { memtables } = this.live(tenant, [], 'rows');
    const found = memtables.flatMap(({ snapshot, streams }) =>
      readRows(
        this.read(
          snapshot,
          streams.map(({ id }) => id),
        ),
      ),
    );
    this.ask({ kind: 'live.release', query: 'rows' });
    return found;
  }

  metric(name: string): number {
    return observe(this.#state).find((sample) => sample.name === `loki_ingester_${name}`)!.value;
  }
}

function readRows(reply: Reply | null): string[] {
  if (reply?.kind !== 'live.batches') throw new Error(JSON.stringify(reply));
  return reply.batches.flatMap(({ batch, runs }) => {
    const texts = Object.values(rowsOf(openEntries(batch))).flat();
    const found: string[] = [];
    for (let i = 0; i < runs.length; i += 3) found.push(...texts.slice(runs[i], runs[i + 1]));
    return found;
  });
}

function messageOf(reply: Reply | null): string {
  return reply?.kind === 'fault' ? `${reply.fault.code}: ${reply.fault.message}` : String(reply?.kind);
}

describe('group commit', () => {
  it('answers an append, and shows its entries, only after the sync that covers it', () => {
    const h = new Harness();
    const first = h.append({ [A]: [[1, 'one']] });
    const second = h.append({ [A]: [[2, 'two']] });
    expect(h.groups).toHaveLength(1);
    expect([first.reply, second.reply, h.rows()]).toEqual([null, null, []]);
    h.synced();
    expect([first.reply, second.reply, h.rows()]).toEqual([{ kind: 'ok' }, null, ['1 one {}']]);
    h.synced();
    expect([second.reply, h.rows()]).toEqual([{ kind: 'ok' }, ['1 one {}', '2 two {}']]);
  });

  it('lets all appends that arrive during a sync share the next one', () => {
    const h = new Harness();
    h.append({ [A]: [[1, 'one']] });
    const later = Array.from({ length: 10 }, (_, i) => h.append({ [A]: [[2 + i, 'more']] }));
    h.synced();
    expect(h.groups[0]!.records.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    h.synced();
    expect(later.every(({ reply }) => reply?.kind === 'ok')).toBe(true);
    expect(h.groups).toEqual([]);
  });

  it('bounds a group by bytes and by appends', () => {
    const sizes = (settings: Partial<IngesterSettings>): number[] => {
      const h = new Harness(settings);
      for (let i = 0; i < 8; i++) h.append({ [A]: [[i, 'x'.repeat(1000)]] });
      const found: number[] = [];
      while (h.groups.length > 0) found.push(h.synced().length);
      return found;
    };
    expect(sizes({ groupAppendsMax: 3 })).toEqual([1, 3, 3, 1]);
    expect(sizes({ groupBytesMax: 2000 })).toEqual([1, 2, 2, 2, 1]);
  });

  it('refuses a whole group when the disk does, as if it had never come', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'kept']] });
    const lost = h.append({ [A]: [[2, 'lost']], [B]: [[2, 'lost']] });
    const waiting = h.append({
      [A]: [
        [2, 'lost'],
        [3, 'three'],
      ],
    });
    h.refused();
    expect(messageOf(lost.reply)).toBe('storage-full: no space');
    expect(h.metric('memory_streams')).toBe(1);
    expect(h.groups[0]!.records[0]!.seq).toBe(3);
    h.synced();
    expect(waiting.reply).toEqual({ kind: 'ok' });
    expect(h.rows()).toEqual(['1 kept {}', '2 lost {}', '3 three {}']);
  });

  it('answers bytes that are no batch with a bad request, and the others of the group all the same', () => {
    const h = new Harness();
    const good = h.append({ [A]: [[1, 'one']] });
    expect(messageOf(h.ask({ kind: 'append', batch: new SharedArrayBuffer(10) }).reply)).toBe('undefined');
    const unnamed = h.append({ 'no labels': [[1, 'x']], [B]: [[1, 'x']] });
    h.synced();
    expect(good.reply).toEqual({ kind: 'ok' });
    expect(messageOf(unnamed.reply)).toBe('bad-request: entries batch: not a label set: no labels');
    expect(h.metric('memory_streams')).toBe(1);
    expect(h.groups).toEqual([]);
  });
});

describe('duplicates', () => {
  it('are kept once: within a group, across memtables, and not written to the log either', () => {
    const h = new Harness();
    h.write({
      [A]: [
        [1, 'one'],
        [2, 'two'],
      ],
    });
    h.ask({ kind: 'flush' });
    h.write({ [A]: [[3, 'three']] });
    h.append({ [B]: [[1, 'other']] });
    const again = h.append({
      [A]: [
        [2, 'two'],
        [3, 'three'],
        [4, 'four'],
      ],
    });
    const last = h.append({
      [A]: [
        [4, 'four'],
        [1, 'one'],
      ],
    });
    h.synced();
    expect(h.synced()).toEqual([{ [A]: ['4 four {}'] }]);
    expect([again.reply, last.reply]).toEqual([{ kind: 'ok' }, { kind: 'ok' }]);
    expect(h.rows()).toEqual(['1 one {}', '2 two {}', '3 three {}', '1 other {}', '4 four {}']);
    expect(h.metric('duplicate_entries_total')).toBe(4);
  });

  it('are answered at once when all of them are durable already', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'one']] });
    expect(
      h.append({
        [A]: [
          [1, 'one'],
          [1, 'one'],
        ],
      }).reply,
    ).toEqual({ kind: 'ok' });
    expect(h.groups).toEqual([]);
  });

  it('fail with the group that their first copy is in', () => {
    const h = new Harness();
    h.append({ [B]: [[1, 'first']] });
    const one = h.append({ [A]: [[1, 'one']] });
    const again = h.append({
      [A]: [
        [1, 'one'],
        [1, 'one'],
      ],
    });
    h.synced();
    h.refused();
    expect([messageOf(one.reply), messageOf(again.reply)]).toEqual([
      'storage-full: no space',
      'storage-full: no space',
    ]);
  });

  it('of an append whose answer came late are known again after its entries have left memory', () => {
    const h = new Harness({ retriedAfterMs: 1000 });
    const late = {
      [A]: [
        [1, 'one'],
        [2, 'two'],
      ] as Row[],
    };
    h.append(late);
    h.after(1000);
    h.synced();
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.rows()).toEqual([]);
    expect(h.append(late).reply).toEqual({ kind: 'ok' });
    expect([h.groups, h.rows(), h.metric('duplicate_entries_total')]).toEqual([[], [], 2]);
  });
});

describe('limits', () => {
  it('refuse new streams beyond the maximum and take the rest of the append', () => {
    const h = new Harness({}, { max_global_streams_per_user: 1 });
    const reply = h.write({ [A]: [[1, 'one']], [B]: [[1, 'two']], '{app="c"}': [[1, 'three']] });
    expect(messageOf(reply)).toBe(
      [B, '{app="c"}']
        .map(
          (stream) =>
            `maximum active stream limit exceeded when trying to create stream ${stream}, reduce the number of active streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'tenant'`,
        )
        .join('\n')
        .replace(/^/, 'limited: '),
    );
    expect(h.rows()).toEqual(['1 one {}']);
    expect(h.write({ [A]: [[2, 'more']] })).toEqual({ kind: 'ok' });
    expect(messageOf(h.write({ [A]: [[3, 'x']] }, 'another'))).toBe('ok');
    h.ask({ kind: 'flush' });
    h.stored();
    h.stored();
    expect(h.write({ [B]: [[1, 'two']] })).toEqual({ kind: 'ok' });
  });

  it('refuse a stream above its rate until its bucket has filled again', () => {
    const h = new Harness(
      { maxReturnedStreamErrors: 2 },
      { per_stream_rate_limit: 1024, per_stream_rate_limit_burst: 2048 },
    );
    expect(h.write({ [A]: [[1, 'x'.repeat(2000)]] })).toEqual({ kind: 'ok' });
    const time = 1_772_376_166_119_119_010n;
    const rows: Row[] = [
      [time, 'y'.repeat(1024)],
      [time + 5n, 'z'],
      [time + 6n, 'z'],
    ];
    const why = (size: string): string =>
      `Per stream rate limit exceeded (limit: 1KB/sec) while attempting to ingest for stream '${A}' totaling ${size}, consider splitting a stream via additional labels or contact your Loki administrator to see if the limit can be increased`;
    expect(messageOf(h.write({ [A]: rows, [B]: [[1, 'fine']] }))).toBe(
      `limited: entry with timestamp 2026-03-01 14:42:46.11911901 +0000 UTC ignored, reason: '${why('1KB')}',\n` +
        `entry with timestamp 2026-03-01 14:42:46.119119015 +0000 UTC ignored, reason: '${why('1B')}',\n` +
        `user 'tenant', total ignored: 3 out of 3 for stream: ${A}`,
    );
    expect(h.rows()).toEqual([`1 ${'x'.repeat(2000)} {}`, '1 fine {}']);
    h.after(1000);
    expect(h.write({ [A]: rows })).toEqual({ kind: 'ok' });
  });

  it('refuse appends above the memory bound until a flush has finished', () => {
    const h = new Harness({ memoryBytesMax: 8000 });
    expect(h.write({ [A]: [[1, 'x'.repeat(5000)]] })).toEqual({ kind: 'ok' });
    expect(messageOf(h.append({ [A]: [[2, 'y'.repeat(2000)]] }).reply)).toMatch(/^unavailable: .*try again/);
    h.stored();
    expect(h.write({ [A]: [[2, 'y'.repeat(2000)]] })).toEqual({ kind: 'ok' });
    expect(h.metric('appends_refused_total')).toBe(1);
  });

  it('count memory that only queries still hold', () => {
    const h = new Harness({ memoryBytesMax: 8000 });
    h.write({ [A]: [[1, 'x'.repeat(5000)]] });
    h.live();
    h.ask({ kind: 'flush' });
    h.stored();
    expect(messageOf(h.append({ [A]: [[2, 'y'.repeat(2000)]] }).reply)).toMatch(/^unavailable/);
    h.ask({ kind: 'live.release', query: 'q' });
    expect(h.write({ [A]: [[2, 'y'.repeat(2000)]] })).toEqual({ kind: 'ok' });
  });
});

describe('flushing', () => {
  const KEPT = { chunkIdlePeriodMs: 60_000, maxChunkAgeMs: 100_000 };

  it('happens at a size, when nothing came for a while, at an age, and when asked', () => {
    const full = new Harness({ flushBytes: 5000 });
    full.write({ [A]: [[1, 'x'.repeat(4999)]] });
    expect(full.stores).toEqual([]);
    full.write({ [A]: [[2, '0']] });
    expect(full.stores).toHaveLength(1);

    const idle = new Harness(KEPT);
    idle.write({ [A]: [[1, 'x']] });
    idle.after(59_000);
    expect(idle.stores).toEqual([]);
    idle.after(1000);
    expect(idle.stores).toHaveLength(1);

    const old = new Harness(KEPT);
    for (let i = 0; i < 9; i++) {
      old.write({ [A]: [[i, 'x']] });
      old.after(11_000);
    }
    expect(old.stores).toEqual([]);
    old.after(1000);
    expect(old.stores).toHaveLength(1);

    const asked = new Harness();
    asked.write({ [A]: [[1, 'x']] });
    asked.ask({ kind: 'flush' });
    expect(asked.stores).toHaveLength(1);
  });

  it('begins a new segment, and forgets the log when the objects are stored', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'x']] });
    h.write({ [A]: [[2, 'x']] });
    const asked = h.ask({ kind: 'flush' });
    expect([h.rotations, h.truncated, asked.reply]).toEqual([1, [], null]);
    expect(h.rows()).toHaveLength(2);
    const { input } = h.stored();
    expect(input.source).toEqual({ writer: 'ingester-0', fromSeq: 1, toSeq: 2 });
    expect([h.truncated, asked.reply, h.rows()]).toEqual([[2], { kind: 'ok' }, []]);
    expect(h.ask({ kind: 'flush' }).reply).toEqual({ kind: 'ok' });
    expect(h.metric('memory_bytes')).toBe(0);
    expect(h.metric('streams_removed_total')).toBe(1);
  });

  it('makes one object per tenant and window, and drops the memtable after the last of them', () => {
    const h = new Harness({ objectWindowMs: 1 });
    h.write({
      [A]: [
        [0, 'a'],
        [2_500_000, 'c'],
        [1_500_000, 'b'],
      ],
    });
    h.write({ [A]: [[1, 'x']] }, 'other');
    h.ask({ kind: 'flush' });
    const windows: string[] = [];
    for (let i = 0; i < 4; i++) {
      expect(h.truncated).toEqual([]);
      const { tenant, window } = h.stored().input;
      windows.push(`${tenant} ${window.start}`);
    }
    expect(windows).toEqual(['tenant 0', 'tenant 1000000', 'tenant 2000000', 'other 0']);
    expect(h.truncated).toEqual([2]);
  });

  it('that fails keeps the data, says so, and is tried again later and later', () => {
    const h = new Harness({ flushBackoffMinMs: 2000, flushBackoffMaxMs: 5000 });
    h.write({ [A]: [[1, 'x']] });
    const asked = h.ask({ kind: 'flush' });
    const waits = [2000, 4000, 5000, 5000];
    for (const wait of waits) {
      h.failed();
      h.after(wait - 1000);
      expect(h.stores).toEqual([]);
      h.after(1000);
      expect(h.stores).toHaveLength(1);
    }
    expect(messageOf(asked.reply)).toMatch(/^unavailable: flush failed.*no bucket/);
    expect([h.rows(), h.truncated]).toEqual([['1 x {}'], []]);
    expect(h.write({ [A]: [[2, 'y']] })).toEqual({ kind: 'ok' });
    h.stored();
    expect([h.rows(), h.truncated]).toEqual([['2 y {}'], [1]]);
  });

  it('forgets the log only up to the oldest memtable that is left', () => {
    const h = new Harness({ flushBytes: 1, flushConcurrency: 2 });
    h.write({ [A]: [[1, 'x']] });
    h.write({ [A]: [[2, 'y']] });
    h.write({ [A]: [[3, 'z']] });
    const [first, second] = h.stores.splice(0) as [Store, Store];
    expect(h.stores).toEqual([]);
    h.event({ kind: 'flush.stored', job: second.job, bytes: 1 });
    expect(h.truncated).toEqual([0]);
    expect(h.rows()).toEqual(['1 x {}', '3 z {}']);
    h.event({ kind: 'flush.stored', job: first.job, bytes: 1 });
    expect(h.truncated).toEqual([0, 2]);
    h.stored();
    expect(h.truncated).toEqual([0, 2, 3]);
  });

  it('covers the numbers of a refused group, which may be in the log', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'x']] });
    h.append({ [A]: [[2, 'y']] });
    h.refused();
    h.ask({ kind: 'flush' });
    expect(h.stored().input.source).toMatchObject({ fromSeq: 1, toSeq: 2 });
    h.write({ [A]: [[3, 'z']] });
    h.ask({ kind: 'flush' });
    expect(h.stored().input.source).toMatchObject({ fromSeq: 3, toSeq: 3 });
  });

  it('leaves a group in flight to the next memtable', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'x']] });
    h.append({ [A]: [[2, 'y']] });
    const asked = h.ask({ kind: 'flush' });
    expect(h.stored().input.source).toMatchObject({ fromSeq: 1, toSeq: 1 });
    expect([asked.reply, h.truncated]).toEqual([{ kind: 'ok' }, [1]]);
    h.refused();
    h.write({
      [A]: [
        [1, 'x'],
        [2, 'y'],
      ],
    });
    expect(h.rows()).toEqual(['1 x {}', '2 y {}']);
  });
});

describe('reading memory', () => {
  it('names matching streams that overlap the range, with their totals', () => {
    const h = new Harness();
    h.write({
      [A]: [
        [10, 'one', { k: 'v' }],
        [20, 'two'],
      ],
      [B]: [[15, 'three']],
    });
    const memtables = h.live('tenant', [{ name: 'app', op: '=~', value: 'a|x' }]).memtables;
    expect(memtables).toMatchObject([{ fromSeq: 1, toSeq: 1, rows: 2, bytes: 6 }]);
    expect(memtables[0]!.streams).toEqual([
      { id: 0, key: A, labels: [['app', 'a']], minTime: 10n, maxTime: 20n, rows: 2, bytes: 6 },
    ]);
    const during = (start: bigint, end: bigint): number => {
      const { reply } = h.ask({
        kind: 'live.resolve',
        tenant: 'tenant',
        range: { start, end },
        matchers: [],
        query: 'q',
      });
      return reply?.kind === 'live' ? reply.snapshot.memtables.flatMap(({ streams }) => streams).length : -1;
    };
    expect([during(0n, 10n), during(0n, 11n), during(15n, 16n), during(20n, 30n), during(21n, 30n)]).toEqual([
      0, 1, 2, 1, 0,
    ]);
    expect(h.live('stranger').memtables).toEqual([]);
  });

  it('gives the runs of the asked streams only, numbered as asked', () => {
    const h = new Harness();
    h.write({
      [A]: [[1, 'a1']],
      [B]: [
        [1, 'b1'],
        [2, 'b2'],
      ],
      '{app="c"}': [[1, 'c1']],
    });
    h.write({ '{app="c"}': [[2, 'c2']] });
    const { snapshot } = h.live().memtables[0]!;
    const reply = h.read(snapshot, [2, 0]);
    expect(readRows(reply)).toEqual(['1 c1 {}', '1 a1 {}', '2 c2 {}']);
    if (reply?.kind !== 'live.batches') throw new Error('no batches');
    expect(reply.labels).toEqual([[['app', 'c']], [['app', 'a']]]);
    expect(reply.batches.map(({ runs }) => [...runs])).toEqual([
      [3, 4, 0, 0, 1, 1],
      [0, 1, 0],
    ]);
    expect(readRows(h.read(snapshot, []))).toEqual([]);
    expect(readRows(h.read(snapshot, [99]))).toEqual([]);
  });

  it('keeps what a query named as it was, also after it was flushed, until the query ends', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'one']] });
    const { snapshot, streams } = h.live().memtables[0]!;
    const ids = streams.map(({ id }) => id);
    h.write({ [A]: [[2, 'two']] });
    expect(readRows(h.read(snapshot, ids))).toEqual(['1 one {}']);
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.live('tenant', [], 'later').memtables).toEqual([]);
    expect(readRows(h.read(snapshot, ids))).toEqual(['1 one {}']);
    expect(h.metric('memory_bytes')).toBeGreaterThan(0);
    h.ask({ kind: 'live.release', query: 'q' });
    expect(messageOf(h.read(snapshot, ids))).toMatch(/^unavailable/);
    expect(h.metric('memory_bytes')).toBe(0);
  });

  it('forgets a query that never ended', () => {
    const h = new Harness({ liveRetentionMs: 5000 });
    h.write({ [A]: [[1, 'one']] });
    const { snapshot } = h.live().memtables[0]!;
    h.after(4000);
    expect(h.read(snapshot, [0])?.kind).toBe('live.batches');
    h.after(1000);
    expect(messageOf(h.read(snapshot, [0]))).toMatch(/^unavailable/);
    expect(h.metric('live_queries')).toBe(0);
  });

  it('answers a pattern that does not compile with a bad request', () => {
    const h = new Harness();
    const matchers = [{ name: 'a', op: '=~' as const, value: '(' }];
    const { reply } = h.ask({ kind: 'live.resolve', tenant: 't', range: EVERYTHING, matchers, query: 'q' });
    expect(messageOf(reply)).toMatch(/^bad-request: .*missing closing \)/);
  });
});

describe('taking over a log', () => {
  const batches = [
    {
      seq: 5,
      entries: entriesOf({
        [A]: [
          [1, 'one'],
          [1_500_000, 'late'],
        ],
      }),
    },
    {
      seq: 6,
      entries: entriesOf({
        [A]: [
          [2, 'two'],
          [1, 'one'],
        ],
      }),
    },
  ];

  it('refuses everything until it is read', () => {
    const h = new Harness({}, {}, null);
    expect(messageOf(h.append({ [A]: [[1, 'x']] }).reply)).toMatch(/^unavailable: .*starting/);
    expect(messageOf(h.ask({ kind: 'flush' }).reply)).toMatch(/^unavailable/);
    h.event({ kind: 'recovered', recovered: NOTHING });
    expect(h.write({ [A]: [[1, 'x']] })).toEqual({ kind: 'ok' });
  });

  it('shows what it held, flushes it in its time and continues the numbers', () => {
    const h = new Harness(
      {},
      { max_global_streams_per_user: 1, per_stream_rate_limit: 1, per_stream_rate_limit_burst: 4 },
      { ...NOTHING, batches, lastSeq: 9, truncatedSeq: 4 },
    );
    expect(h.rows()).toEqual(['1 one {}', '1500000 late {}', '2 two {}']);
    expect(h.write({ [A]: [[2, 'two']] })).toEqual({ kind: 'ok' });
    h.append({ [A]: [[3, '3']] });
    expect(h.groups[0]!.records[0]!.seq).toBe(10);
    h.synced();
    h.after(60_000);
    expect(h.stored().input.source).toMatchObject({ fromSeq: 5, toSeq: 10 });
    expect(h.truncated).toEqual([10]);
  });

  it('leaves out what objects hold already, by time window', () => {
    const coverage = new Map([['tenant', [{ window: 0n, ranges: [[1, 5]] as const }]]]);
    const recovered = { ...NOTHING, batches, coverage, lastSeq: 6, truncatedSeq: 4 };
    const h = new Harness({ objectWindowMs: 1 }, {}, recovered);
    expect(h.rows()).toEqual(['1500000 late {}', '2 two {}', '1 one {}']);
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.stored().input.source).toMatchObject({ fromSeq: 5, toSeq: 6 });
    expect([h.stores, h.truncated]).toEqual([[], [6]]);
  });

  it('forgets the log at once when objects hold all of it, and knows a retry of it', () => {
    const coverage = new Map([['tenant', [{ window: 0n, ranges: [[5, 6]] as const }]]]);
    const h = new Harness({}, {}, { ...NOTHING, batches, coverage, lastSeq: 6, truncatedSeq: 4 });
    expect([h.rows(), h.truncated]).toEqual([[], [6]]);
    expect(h.ask({ kind: 'append', batch: batches[0]!.entries.buffer }).reply).toEqual({ kind: 'ok' });
    expect(h.groups).toEqual([]);
    expect(h.write({ [A]: [[9, 'nine']] })).toEqual({ kind: 'ok' });
    expect(h.live().memtables).toMatchObject([{ fromSeq: 7, toSeq: 7 }]);
  });

  it('counts a record that names no stream and goes on', () => {
    const odd = { seq: 7, entries: entriesOf({ [B]: [[1, 'x']], nonsense: [[1, 'x']] }) };
    const h = new Harness({}, {}, { ...NOTHING, batches: [...batches, odd], lastSeq: 7, unreadable: 2 });
    expect(h.rows()).toHaveLength(3);
    expect(h.metric('wal_unreadable_records_total')).toBe(3);
    expect(h.metric('memory_streams')).toBe(1);
  });
});

describe('draining', () => {
  it('finishes what was accepted, refuses the rest, flushes everything', () => {
    const h = new Harness();
    const accepted = h.append({ [A]: [[1, 'one']] });
    h.event({ kind: 'drain' });
    expect(messageOf(h.append({ [A]: [[2, 'two']] }).reply)).toMatch(/^unavailable: .*shutting down/);
    expect(h.stores).toEqual([]);
    h.synced();
    expect(accepted.reply).toEqual({ kind: 'ok' });
    expect([h.stores.length, h.isDrained]).toEqual([1, false]);
    h.failed();
    h.after(1000);
    h.stored();
    expect([h.isDrained, h.truncated]).toEqual([true, [1, 1]]);
    expect(h.rows()).toEqual([]);
  });

  it('is over at once when there is nothing', () => {
    const h = new Harness();
    h.event({ kind: 'drain' });
    expect(h.isDrained).toBe(true);
  });
});
