import type { Disk } from '../../../storage/disk.js';
import { readDigest } from '../../../storage/wal/digest-file.js';
import type { SegmentRead } from '../../../storage/wal/segments.js';
import type { Wal } from '../../../storage/wal/wal.js';
import type { SegmentDigest } from './digest.js';
import { decodeDigest, encodeDigest } from './digest-codec.js';
import type { LogSegments } from './log-segments.js';

type DigestRead = SegmentRead<SegmentDigest>;

/**
 * Digests of segments beside these, so that a start need not read a long log: of all but the newest, as much as `unreadMax`.
 * A log that is shorter than that, as it is where objects are made as fast as entries come, has none.
 */
export class KeptDigests {
  readonly #disk: Disk;
  readonly #segments: LogSegments;
  readonly #unreadMax: number;
  /** Of segments that the start did not read, how many records they have. */
  readonly #unread = new Map<string, number>();
  /** Segments that the start had to read. */
  #read: DigestRead[] = [];
  /** Segments of which there cannot be a digest. */
  readonly #refused = new Set<string>();
  #wal: Wal | null = null;
  #making: Promise<void> | null = null;

  constructor(disk: Disk, segments: LogSegments, unreadMax: number) {
    this.#disk = disk;
    this.#segments = segments;
    this.#unreadMax = unreadMax;
  }

  /** Those that are there; other segments are read. */
  async *digests(names: readonly string[], afterSeq: number): AsyncGenerator<DigestRead> {
    const known = await this.#known(names, afterSeq);
    const missing = names.filter((name) => !known.has(name));
    const rest = this.#segments.digests(missing, afterSeq)[Symbol.asyncIterator]();
    for (const name of names) {
      const kept = known.get(name);
      if (kept) {
        this.#unread.set(name, kept.records);
        yield kept;
        continue;
      }
      const { value, done } = await rest.next();
      if (done) return;
      if (value.made.firstSeq > afterSeq) this.#read.push(value);
      yield value;
    }
  }

  /** How many records a segment had that the start did not read; undefined when it did. */
  recordsOf(name: string): number | undefined {
    return this.#unread.get(name);
  }

  /** From now on digests are kept, of what the start has read too. */
  follow(wal: Wal): void {
    this.#wal = wal;
    wal.onClosed = () => this.#keepMore();
    this.#keepMore();
  }

  async close(): Promise<void> {
    this.#wal = null;
    await this.#making;
  }

  async #known(names: readonly string[], afterSeq: number): Promise<Map<string, DigestRead>> {
    const known = new Map<string, DigestRead>();
    for (const name of names) {
      const bytes = await readDigest(this.#disk, name);
      const read = bytes && decodeDigest(bytes);
      if (read && read.made.firstSeq > afterSeq) known.set(name, { ...read, name, damage: [] });
    }
    return known;
  }

  #keepMore(): void {
    this.#making ??= this.#keep().finally(() => {
      this.#making = null;
    });
  }

  async #keep(): Promise<void> {
    for (let name = this.#next(); name; name = this.#next()) {
      const read = this.#read.find((one) => one.name === name) ?? (await this.#segments.digest(name));
      if (isKept(read)) await this.#wal?.keepDigest(name, encodeDigest(read));
      // Should there be none now, it is not tried again.
      if (this.#next() === name) this.#refused.add(name);
    }
    this.#read = [];
  }

  /** The oldest segment that should have a digest and has none. */
  #next(): string | undefined {
    const left = this.#wal?.undigested().filter(({ name }) => !this.#refused.has(name)) ?? [];
    const bytes = left.reduce((sum, segment) => sum + segment.bytes, 0);
    return bytes > this.#unreadMax ? left[0]!.name : undefined;
  }
}

/** What others hold as well they have to be asked about, and then it must be known what is damaged. */
function isKept({ made, damage, records }: DigestRead): boolean {
  return damage.length === 0 && records > 0 && !made.isMixed;
}
