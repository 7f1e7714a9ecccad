import type { Fault } from '../../../wire/fault.js';
import type { LiveReadMessage } from '../../../wire/messages/live.js';
import type { IngesterEffect, ReplyTo } from '../events.js';
import type { LoggedTable } from './logged-table.js';

/** A read that waits until its table is in memory. */
export interface WaitingRead {
  readonly message: LiveReadMessage;
  readonly reply: ReplyTo;
}

/** Which parts of the log are in memory, and who waits for others. */
export class LoggedTables {
  /** The one that was asked for last is the last. */
  readonly #loaded = new Set<LoggedTable>();
  readonly #loading = new Map<LoggedTable, WaitingRead[]>();

  get memoryBytes(): number {
    let bytes = 0;
    for (const { memoryBytes } of this.#loaded) bytes += memoryBytes;
    return bytes;
  }

  /** Has a table read, unless it is being read. */
  want(table: LoggedTable, effects: IngesterEffect[], read?: WaitingRead): void {
    const waiting = this.#loading.get(table);
    if (waiting === undefined) {
      this.#loading.set(table, read ? [read] : []);
      effects.push({ kind: 'log.read', table });
    } else if (read) waiting.push(read);
  }

  /** It is in memory; who waited for it. */
  loaded(table: LoggedTable): readonly WaitingRead[] {
    this.used(table);
    return this.#ended(table);
  }

  used(table: LoggedTable): void {
    this.#loaded.delete(table);
    this.#loaded.add(table);
  }

  /** It could not be read: who waited is told. */
  failed(table: LoggedTable, why: Fault, effects: IngesterEffect[]): void {
    for (const { reply: to } of this.#ended(table)) {
      effects.push({ kind: 'reply', to, reply: { kind: 'fault', fault: why } });
    }
  }

  /** Lets go of those that were used longest ago, until so many bytes are left, or one table. */
  trim(bytesMax: number, isNeeded: (table: LoggedTable) => boolean): void {
    let bytes = this.memoryBytes;
    for (const table of this.#loaded) {
      if (bytes <= bytesMax || this.#loaded.size === 1) return;
      if (isNeeded(table)) continue;
      bytes -= table.memoryBytes;
      this.drop(table);
    }
  }

  dropAll(isGone: (table: LoggedTable) => boolean): void {
    for (const table of this.#loaded) if (isGone(table)) this.drop(table);
  }

  drop(table: LoggedTable): void {
    this.#loaded.delete(table);
    table.unload();
  }

  #ended(table: LoggedTable): readonly WaitingRead[] {
    const waiting = this.#loading.get(table) ?? [];
    this.#loading.delete(table);
    return waiting;
  }
}
