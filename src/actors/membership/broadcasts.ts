import type { MemberRecord } from '../../wire/membership.js';

/**
 * News that rides on other messages. Each is sent a bounded number of times, what was sent least goes first, and news of
 * a member replaces older news of it (SWIM, section 4.1).
 */
export class Broadcasts {
  /** By how often it was sent, then by member, oldest first. */
  readonly #levels: Map<string, MemberRecord>[] = [];

  get empty(): boolean {
    return this.#levels.every((level) => level.size === 0);
  }

  add(record: MemberRecord): void {
    for (const level of this.#levels) level.delete(record.name);
    this.#put(0, record);
  }

  /** Up to `count` pieces of news; those sent `limit` times are forgotten. */
  take(count: number, limit: number): MemberRecord[] {
    const taken: MemberRecord[] = [];
    const sent: number[] = [];
    for (const [level, records] of this.#levels.entries()) {
      for (const record of records.values()) {
        if (taken.length === count) break;
        taken.push(record);
        sent.push(level + 1);
        records.delete(record.name);
      }
    }
    taken.forEach((record, i) => {
      if (sent[i]! < limit) this.#put(sent[i]!, record);
    });
    return taken;
  }

  #put(level: number, record: MemberRecord): void {
    while (this.#levels.length <= level) this.#levels.push(new Map());
    this.#levels[level]!.set(record.name, record);
  }
}
