/**
 * Pages that rows were picked out of more than once, kept while they fit: who has asked for the newest rows of some streams often asks
 * again soon, for the same, with one more condition or for what came since. Of questions that nobody repeats nothing is kept. Texts and times are
 * kept unpacked, all else as it was read. Nothing else is put here, so that a scan of everything pushes nothing out.
 */
import { ByteLru } from '../byte-lru.js';
import type { CacheCounts } from './cache-counts.js';
import type { OptionalTextPage, TextPage } from './types.js';

/** One page of one column, in one of four forms. */
export interface HeldPage {
  /** As it was read, and mostly a part of other bytes. */
  readonly stored?: Uint8Array;
  /** Of the column of messages, unpacked. */
  readonly lines?: TextPage;
  /** Of a column of texts that rows may lack, unpacked. */
  readonly texts?: OptionalTextPage;
  /** Of the column of times, decoded. */
  readonly times?: Float64Array;
}

/** Sections are numbered so that a page's number is that of its section and its offset within. */
const SECTION_BYTES_MAX = 2 ** 32;
/** No page takes more of the room than this. */
const SHARE_MAX = 1 / 8;
/** Pages of which it is remembered that rows were picked from them. */
const PICKED_MAX = 8192;
/** Of an entry and the objects it consists of. */
const ENTRY_BYTES = 256;

export class PageCache {
  readonly #bytesMax: number;
  readonly #pages: ByteLru<number, HeldPage>;
  /** By section and page, in the order of their last use. */
  readonly #picked = new Set<number>();
  #sections = 0;
  #hits = 0;
  #misses = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#pages = new ByteLru(bytesMax);
  }

  get bytes(): number {
    return this.#pages.bytes;
  }

  counts(): Pick<CacheCounts, 'pages' | 'pageBytes' | 'pageHits' | 'pageMisses'> {
    return { pages: this.#pages.size, pageBytes: this.#pages.bytes, pageHits: this.#hits, pageMisses: this.#misses };
  }

  /** Room for a section's pages. Those of one that is closed stay until others need it. */
  ofSection(): SectionPageCache {
    const first = this.#sections++ * SECTION_BYTES_MAX;
    let isUsed = false;
    return {
      isPickedAgain: (page) => this.#isPickedAgain(first + page),
      find: (offset) => {
        const page = isUsed ? this.#pages.use(first + offset) : undefined;
        if (page) this.#hits++;
        else this.#misses++;
        return page;
      },
      keep: (offset, page) => {
        isUsed = true;
        const number = first + offset;
        // Found here, and not worth copying once more.
        if (this.#pages.peek(number) !== page) this.#keep(number, owned(page));
      },
    };
  }

  #isPickedAgain(page: number): boolean {
    const isKnown = this.#picked.delete(page);
    this.#picked.add(page);
    for (const oldest of this.#picked) {
      if (this.#picked.size <= PICKED_MAX) break;
      this.#picked.delete(oldest);
    }
    return isKnown;
  }

  #keep(number: number, page: HeldPage): void {
    const bytes = bytesOf(page);
    if (bytes <= this.#bytesMax * SHARE_MAX) this.#pages.put(number, page, bytes);
  }
}

/** Pages by where they begin in their section. */
export interface SectionPageCache {
  /** Says that rows are picked from a page (its number), and whether that was so before, not long ago: then it is worth keeping. */
  isPickedAgain(page: number): boolean;
  find(offset: number): HeldPage | undefined;
  /** Nobody frees the memory of what is kept, which may be in use for longer than it is kept. */
  keep(offset: number, page: HeldPage): void;
}

/** Without the bytes around it that were read in the same go. */
function owned({ stored, lines, texts, times }: HeldPage): HeldPage {
  if (times) return { times };
  if (lines) return { lines: ownText(lines) };
  if (texts) return { texts: { ...ownText(texts), ranks: texts.ranks } };
  return stored ? { stored: new Uint8Array(stored) } : {}; // a slice of a Buffer is no copy
}

function ownText({ offsets, bytes }: TextPage): TextPage {
  const isOwn = bytes.buffer.byteLength < 2 * bytes.length;
  return { offsets, bytes: isOwn ? bytes : Buffer.from(bytes) };
}

function bytesOf({ stored, lines, texts, times }: HeldPage): number {
  const text = lines ?? texts;
  const unpacked = text ? text.bytes.length + text.offsets.byteLength : 0;
  return ENTRY_BYTES + unpacked + (texts?.ranks.byteLength ?? 0) + (times?.byteLength ?? 0) + (stored?.length ?? 0);
}
