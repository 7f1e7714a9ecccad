import type { MetastoreReader } from '../../storage/metastore/types.js';
import { address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import { unreachable } from '../../wire/exhaustive.js';
import { asFault, fault } from '../../wire/fault.js';
import type { Clock } from '../runtime/clock.js';
import { faultReply, type Router } from '../runtime/router.js';
import type { IngesterEffect, IngesterEvent, Recovered, ReplyTo } from './events.js';
import type { Flusher } from './flusher.js';
import type { ArrivedRecord, IngesterLog, OpenedLog, OpenLog } from './log.js';
import { chooseSegments, type FoundSegment } from './logged/choose.js';
import type { LoggedTable } from './logged/logged-table.js';
import { type MetricSample, observe } from './observe.js';
import { copiesOf, coverageOf, Replay } from './replay.js';
import type { IngesterSettings } from './settings.js';
import { type IngesterState, initialState, memoryInUse, type Surroundings } from './state.js';
import { step } from './step.js';

export interface IngesterCollaborators extends Surroundings {
  readonly router: Router;
  readonly clock: Clock;
  readonly openLog: OpenLog;
  readonly flusher: Flusher;
  readonly metastore: Pick<MetastoreReader, 'coverage' | 'copies'>;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, detail: object) => void;
  /** Told of memory that is garbage now, and a lot of it. */
  readonly freed?: (bytes: number) => void;
}

const REPORTED_DAMAGE_MAX = 20;

/** Of records that are read and not needed: of one or two segments. */
const GARBAGE_BYTES = 64 << 20;

/** Performs the effects of an ingester's steps and feeds back what came of them. */
export class IngesterActor {
  readonly #with: IngesterCollaborators;
  readonly #settings: IngesterSettings;
  readonly #state: IngesterState;
  #opened: OpenedLog | null = null;
  #unregister: () => void = () => undefined;
  #cancelTimer: () => void = () => undefined;
  #stopped = false;
  #onReady: () => void = () => undefined;
  #onDrained: () => void = () => undefined;

  constructor(collaborators: IngesterCollaborators, settings: IngesterSettings) {
    this.#with = collaborators;
    this.#settings = settings;
    this.#state = initialState(settings, collaborators);
  }

  /**
   * Reads the log and takes over what it held; resolves when appends are welcome. Answers `unavailable` until then. Waits
   * for the metastore as long as it takes; rejects only when the log's folder cannot be used.
   */
  async start(): Promise<void> {
    const { router, openLog } = this.#with;
    this.#unregister = router.register(address('ingester', this.#settings.instance), (envelope) =>
      this.#receive(envelope),
    );
    this.#opened = await openLog({
      fingerprint: this.#with.fingerprint,
      arrived: (records) => this.#arrived(records),
      hasRoom: () => memoryInUse(this.#state) < this.#settings.memoryBytesMax,
    });
    const { truncatedSeq, lastSeq, records, bytes, damage, isDoubtful, segments } = this.#opened;
    const stored = await this.#stored(segments);
    if (this.#stopped) return;
    const { taken, left } = chooseSegments(segments, stored.coverage, this.#settings.flushBytes);
    const replay = new Replay({
      stored,
      objectWindowMs: this.#settings.objectWindowMs,
      fingerprint: this.#with.fingerprint,
    });
    let freed = 0;
    for await (const some of this.#opened.replay(taken)) {
      for (const record of some) replay.visit(record);
      if (replay.leftOutBytes - freed < GARBAGE_BYTES) continue;
      this.#with.freed?.(replay.leftOutBytes - freed);
      freed = replay.leftOutBytes;
    }
    if (damage.length > 0) {
      const detail = { places: damage.length, damage: damage.slice(0, REPORTED_DAMAGE_MAX) };
      this.#with.log('error', 'the write-ahead log is damaged: all that can be read is kept', detail);
    }
    const { batches } = replay;
    const unreadable = left.reduce((sum, { made }) => sum + made.unreadable, replay.unreadable);
    if (records > 0) this.#with.log('info', 'replayed the write-ahead log', { records, bytes, unreadable });
    if (this.#stopped) return;
    const ready = new Promise<void>((resolve) => {
      this.#onReady = resolve;
    });
    // A torn end may be rot in the last record: nobody can tell.
    const isDamaged = unreadable > 0 || damage.length > 0;
    const doubt = { isDoubtful: isDoubtful || isDamaged, isDamaged };
    const recovered = { batches, left, ...stored, lastSeq, truncatedSeq, unreadable, ...doubt };
    this.#dispatch({ kind: 'recovered', recovered });
    await ready;
    if (!this.#stopped) this.#opened.follow?.();
  }

  /**
   * Refuses new entries, flushes all others, closes the log. False when that took too long: the log keeps what is left.
   * Queries are answered until `farewell`, where others are told to ask no more, has resolved.
   */
  async drain(timeoutMs: number, farewell: () => Promise<void> = async () => {}): Promise<boolean> {
    const isDrained = this.#state.phase === 'starting' || (await this.#drained(timeoutMs));
    await farewell();
    await this.stop();
    return isDrained;
  }

  /** Goes on answering about what is in memory, and does nothing else: reads its log no further, and flushes nothing. */
  async rest(): Promise<void> {
    this.#cancelTimer();
    await this.#opened?.close();
  }

  /** Ends at once; the log keeps what is in memory. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#onReady();
    this.#unregister();
    this.#cancelTimer();
    await this.#opened?.close();
  }

  observe(): readonly MetricSample[] {
    return [...observe(this.#state), ...(this.#opened?.observe() ?? [])];
  }

  #drained(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#with.clock.after(timeoutMs, () => resolve(false));
      this.#onDrained = () => {
        cancel();
        resolve(true);
      };
      this.#dispatch({ kind: 'drain' });
    });
  }

  async #stored(found: readonly FoundSegment[]): Promise<Required<Pick<Recovered, 'coverage' | 'copies'>>> {
    const { clock, log, metastore } = this.#with;
    const { instance, flushBackoffMaxMs, flushBackoffMinMs } = this.#settings;
    for (let waitMs = flushBackoffMinMs; ; waitMs = Math.min(flushBackoffMaxMs, waitMs * 2)) {
      try {
        const coverage = await coverageOf(found, instance, metastore, ({ message }) =>
          log('error', 'a table of contents is damaged: entries of the log may be stored twice', { message }),
        );
        return { coverage, copies: await copiesOf(found, metastore) };
      } catch (error) {
        if (this.#stopped) return { coverage: new Map(), copies: new Map() };
        log('warn', 'waiting for the table of contents', { waitMs, fault: asFault(error) });
        await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
      }
    }
  }

  get #wal(): IngesterLog {
    return this.#opened!.log;
  }

  #arrived(records: readonly ArrivedRecord[]): void {
    this.#dispatch({ kind: 'arrived', records });
  }

  #receive({ message, ask }: Envelope): void {
    const reply: ReplyTo = ask?.reply ?? (() => undefined);
    switch (message.kind) {
      case 'append':
      case 'append.own':
      case 'batches.release':
      case 'batches.owned':
      case 'batches.ask':
      case 'flush':
      case 'live.resolve':
      case 'live.read':
      case 'live.release':
      case 'tail.subscribe':
      case 'tail.credit':
      case 'tail.unsubscribe':
        this.#dispatch({ kind: 'received', message, reply });
        break;
      default:
        reply(faultReply(fault('bad-request', `an ingester does not answer ${message.kind}`)));
    }
  }

  #dispatch(event: IngesterEvent): void {
    if (this.#stopped) return;
    for (const effect of step(this.#state, event, this.#with.clock.monotonicMs())) this.#perform(effect);
  }

  #perform(effect: IngesterEffect): void {
    switch (effect.kind) {
      case 'reply':
        effect.to(effect.reply);
        break;
      case 'tell':
        this.#with.router.tell(address('ingester', this.#settings.instance), effect.to, effect.message);
        break;
      case 'ask':
        this.#ask(effect);
        break;
      case 'copies.find':
        this.#find(effect);
        break;
      case 'wal.append':
        this.#wal.append(effect.records).then(
          () => this.#dispatch({ kind: 'wal.appended' }),
          (error: unknown) => this.#appendFailed(error),
        );
        break;
      case 'wal.rotate':
        void this.#wal.rotate();
        break;
      case 'wal.truncate':
        void this.#wal.truncate(effect.throughSeq);
        break;
      case 'wal.trust':
        void this.#wal.trust();
        break;
      case 'flush.store':
        this.#store(effect);
        break;
      case 'memory.freed':
        this.#with.freed?.(effect.bytes);
        break;
      case 'log.read':
        this.#readLog(effect.table);
        break;
      case 'log.lost': {
        const { name: segment, records } = effect;
        this.#with.log('error', 'a segment of the log is damaged: all that can be read is kept', { segment, records });
        void this.#opened!.lost(segment, records);
        break;
      }
      case 'timer.set':
        this.#cancelTimer = this.#with.clock.after(effect.afterMs, () => this.#dispatch({ kind: 'timer.fired' }));
        break;
      case 'ready':
        this.#onReady();
        break;
      case 'drained':
        this.#onDrained();
        break;
      default:
        unreachable(effect);
    }
  }

  #ask({ token, to, message, timeoutMs }: Extract<IngesterEffect, { kind: 'ask' }>): void {
    void this.#with.router
      .ask(address('ingester', this.#settings.instance), to, message, { timeoutMs })
      .then((reply) => this.#dispatch({ kind: 'answered', token, reply }));
  }

  #find({ token, tenant, range }: Extract<IngesterEffect, { kind: 'copies.find' }>): void {
    this.#with.metastore.copies(tenant, range).then(
      (windows) => this.#dispatch({ kind: 'copies.found', token, windows }),
      (error: unknown) => {
        this.#with.log('warn', 'held parts could not be looked up; they are kept', { tenant, fault: asFault(error) });
        this.#dispatch({ kind: 'copies.found', token, windows: null });
      },
    );
  }

  #appendFailed(error: unknown): void {
    const why = asFault(error);
    this.#with.log('error', 'a group of appends was refused', { fault: why });
    this.#dispatch({ kind: 'wal.failed', fault: why });
  }

  #readLog(table: LoggedTable): void {
    this.#opened!.read(table.name, table.records).then(
      (records) => this.#dispatch({ kind: 'log.read', table, records }),
      (error: unknown) => {
        const why = asFault(error);
        this.#with.log('error', 'a segment of the log could not be read; it will be tried again', { fault: why });
        this.#dispatch({ kind: 'log.unread', table, fault: why });
      },
    );
  }

  #store({ job, input }: Extract<IngesterEffect, { kind: 'flush.store' }>): void {
    this.#with.flusher.store(input).then(
      ({ bytes }) => this.#dispatch({ kind: 'flush.stored', job, bytes }),
      (error: unknown) => {
        const why = asFault(error);
        const { tenant, window, source } = input;
        this.#with.log('error', 'an object could not be stored; it will be tried again', {
          tenant,
          window,
          source,
          fault: why,
        });
        this.#dispatch({ kind: 'flush.failed', job, fault: why });
      },
    );
  }
}
