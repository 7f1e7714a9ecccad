import { ByteLru } from '../../storage/byte-lru.js';
import type { TimeRange } from '../../wire/time.js';
import type { Cacheable } from './cacheable.js';

/** What a fragment made of a stretch of a section. */
export interface CachedResult {
  readonly covers: TimeRange;
  /** Zero of the windows' axis in ns; 0 where log rows come out. */
  readonly origin: bigint;
  /** Encoded frames of states; none where nothing came out. Never changed or given away. */
  readonly frames: readonly Uint8Array[];
}

export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly stored: number;
  readonly evicted: number;
  readonly entries: number;
  readonly bytes: number;
}

/** A result may take this share of the whole, so that no single query empties it. */
const SHARE_MAX = 1 / 16;
/** Of an entry besides its frames: key, numbers, the map. About what V8 takes. */
const ENTRY_BYTES = 400;

/** Results by key, bounded in bytes; 0 bytes keep nothing. */
export class ResultCache {
  readonly #bytesMax: number;
  readonly #entries: ByteLru<string, CachedResult>;
  #hits = 0;
  #misses = 0;
  #stored = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#entries = new ByteLru(bytesMax);
  }

  /** Bytes of frames one result may have. */
  get resultBytesMax(): number {
    return this.#bytesMax * SHARE_MAX - ENTRY_BYTES;
  }

  counts(): CacheCounts {
    const { size: entries, bytes, evicted } = this.#entries;
    return { hits: this.#hits, misses: this.#misses, stored: this.#stored, evicted, entries, bytes };
  }

  /** What is known of at least all that is needed. */
  find({ key, needs, windows }: Cacheable): CachedResult | undefined {
    const known = this.#entries.peek(key);
    if (!known || !serves(known.covers, needs, windows?.stepNs === 0)) {
      this.#misses++;
      return undefined;
    }
    this.#hits++;
    return this.#entries.use(key);
  }

  /** False for what is too large. */
  keep(key: string, result: CachedResult): boolean {
    const bytes = bytesOf(result);
    if (bytes - ENTRY_BYTES > this.resultBytesMax) return false;
    this.#entries.put(key, result, bytes);
    this.#stored++;
    return true;
  }
}

/** `exact`: one window has one state for all it covers, of which no part can be taken. */
function serves(covers: TimeRange, needs: TimeRange, exact: boolean): boolean {
  if (exact) return covers.start === needs.start && covers.end === needs.end;
  return covers.start <= needs.start && covers.end >= needs.end;
}

function bytesOf({ frames }: CachedResult): number {
  return frames.reduce((sum, { byteLength }) => sum + byteLength, ENTRY_BYTES);
}
