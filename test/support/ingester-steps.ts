import type { IngesterEffect, IngesterEvent, IngesterMessage, Recovered } from '../../src/actors/ingester/events.js';
import type { LoggedTable } from '../../src/actors/ingester/logged/logged-table.js';
import { observe } from '../../src/actors/ingester/observe.js';
import { loadFingerprint } from '../../src/actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS, type IngesterSettings } from '../../src/actors/ingester/settings.js';
import { initialState } from '../../src/actors/ingester/state.js';
import { step } from '../../src/actors/ingester/step.js';
import type { WindowCopies } from '../../src/storage/metastore/types.js';
import { openEntries } from '../../src/wire/entries.js';
import { type Fault, fault } from '../../src/wire/fault.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../src/wire/limits.js';
import type { Reply } from '../../src/wire/message.js';
import type { LiveSnapshot } from '../../src/wire/messages/live.js';
import { entriesOf, type Row, rowsOf } from './entries.js';

export const A = '{app="a"}';
export const B = '{app="b"}';
const FULL = fault('storage-full', 'no space');
const fingerprint = await loadFingerprint();
let lives = 0;
export const EVERYTHING = { start: -(2n ** 63n), end: 2n ** 63n - 1n };

export const NOTHING: Recovered = { batches: [], coverage: new Map(), lastSeq: 0, truncatedSeq: 0, unreadable: 0 };

type Appended = Extract<IngesterEffect, { kind: 'wal.append' }>;
export type Store = Extract<IngesterEffect, { kind: 'flush.store' }>;

/** An ingester's steps: its disk and bucket do what the test says, when it says so. */
export class Harness {
  now = 0;
  readonly truncated: number[] = [];
  trusted = 0;
  readonly groups: Appended[] = [];
  readonly stores: Store[] = [];
  readonly asks: Extract<IngesterEffect, { kind: 'ask' }>[] = [];
  readonly finds: Extract<IngesterEffect, { kind: 'copies.find' }>[] = [];
  /** Segments of the log that are to be read. */
  readonly reads: LoggedTable[] = [];
  /** Of segments of the log, how many records were said to be gone. */
  readonly lost: number[] = [];
  readonly told: Extract<IngesterEffect, { kind: 'tell' }>[] = [];
  rotations = 0;
  freed = 0;
  timer: number | null = null;
  isReady = false;
  isDrained = false;
  readonly #state;

  constructor(
    settings: Partial<IngesterSettings> = {},
    limits: Partial<TenantLimits> = {},
    recovered: Recovered | null = NOTHING,
    isUp?: (instance: string) => boolean,
  ) {
    const all = { ...DEFAULT_INGESTER_SETTINGS, ...settings };
    this.#state = initialState(all, {
      ...{ limits: () => ({ ...DEFAULT_LIMITS, ...limits }), fingerprint, life: `life${lives++}` },
      ...(isUp && { isUp }),
    });
    if (recovered) this.event({ kind: 'recovered', recovered });
  }

  event(event: IngesterEvent): void {
    for (const effect of step(this.#state, event, this.now)) {
      if (effect.kind === 'reply') effect.to(effect.reply);
      else if (effect.kind === 'wal.append') this.groups.push(effect);
      else if (effect.kind === 'flush.store') this.stores.push(effect);
      else if (effect.kind === 'wal.trust') this.trusted++;
      else if (effect.kind === 'wal.truncate') this.truncated.push(effect.throughSeq);
      else if (effect.kind === 'wal.rotate') this.rotations++;
      else if (effect.kind === 'timer.set') this.timer = this.now + effect.afterMs;
      else if (effect.kind === 'tell') this.told.push(effect);
      else if (effect.kind === 'ask') this.asks.push(effect);
      else if (effect.kind === 'copies.find') this.finds.push(effect);
      else if (effect.kind === 'log.read') this.reads.push(effect.table);
      else if (effect.kind === 'log.lost') this.lost.push(effect.records);
      else if (effect.kind === 'memory.freed') this.freed += effect.bytes;
      else if (effect.kind === 'ready') this.isReady = true;
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

  /** Answers the oldest open question to another ingester. */
  answer(reply: Reply): Extract<IngesterEffect, { kind: 'ask' }> {
    const ask = this.asks.shift()!;
    this.event({ kind: 'answered', token: ask.token, reply });
    return ask;
  }

  /** Says what the table of contents has, or that it cannot be read. */
  found(windows: readonly WindowCopies[] | null): Extract<IngesterEffect, { kind: 'copies.find' }> {
    const find = this.finds.shift()!;
    this.event({ kind: 'copies.found', token: find.token, windows });
    return find;
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

export function readRows(reply: Reply | null): string[] {
  if (reply?.kind !== 'live.batches') throw new Error(JSON.stringify(reply));
  return reply.batches.flatMap(({ batch, runs }) => {
    const texts = Object.values(rowsOf(openEntries(batch))).flat();
    const found: string[] = [];
    for (let i = 0; i < runs.length; i += 3) found.push(...texts.slice(runs[i], runs[i + 1]));
    return found;
  });
}

export function messageOf(reply: Reply | null): string {
  return reply?.kind === 'fault' ? `${reply.fault.code}: ${reply.fault.message}` : String(reply?.kind);
}
