import { decodeText, joinName, sanitizePart } from './text.js';

/** Keys are forgotten between lines when there are more; then most of them come once anyway. */
const MAX_KEYS = 8192;

/** Keys that crowd around one place of the hash table, as only keys made for it do, are not found again. */
const MAX_PROBES = 32;

/**
 * The keys a parser has met, so that a key that comes again costs no string: a tree (nested objects have nested keys)
 * in one hash table over the bytes of the keys. Each key remembers which came behind it last time, and mostly that is
 * the next one again. Key 0 is the root.
 */
export class KeyTree {
  /** Label names, joined and sanitised. */
  readonly names: string[] = [];
  /** What the parser knows about a key, e.g. its column; reset to -2. */
  columns = new Int32Array(64);
  /** Whether an object under a key is read: 0 no, 1 yes, reset to -1. */
  entered = new Int8Array(64);
  private parents = new Int32Array(64);
  private ends = new Int32Array(64);
  private followers = new Int32Array(64);
  private children = new Int32Array(64);
  private store: Buffer = Buffer.allocUnsafe(1024);
  private slots = new Int32Array(128);

  constructor() {
    this.clear();
  }

  /** To be called between lines. */
  trim(): void {
    if (this.names.length > MAX_KEYS) this.clear();
  }

  clear(): void {
    this.names.length = 0;
    this.names.push('');
    this.ends[0] = 0;
    this.children[0] = 0;
    this.slots.fill(0);
  }

  /** The key expected behind `previous` (0: first) in `parent`, or 0. */
  guess(parent: number, previous: number): number {
    return previous === 0 ? this.children[parent]! : this.followers[previous]!;
  }

  /** Whether bytes at `start` are the key, followed by `terminator`. Returns the position of the terminator or -1. */
  match(key: number, bytes: Buffer, start: number, end: number, terminator: number): number {
    if (key === 0) return -1;
    const { store } = this;
    const from = this.ends[key - 1]!;
    const length = this.ends[key]! - from;
    const stop = start + length;
    if (stop >= end || bytes[stop] !== terminator) return -1;
    for (let i = 0; i < length; i++) if (store[from + i] !== bytes[start + i]) return -1;
    return stop;
  }

  /** The number of key bytes[start..end) in `parent`, which came behind `previous`. */
  find(parent: number, previous: number, bytes: Buffer, start: number, end: number): number {
    const key = this.look(parent, bytes, start, end);
    if (previous === 0) this.children[parent] = key;
    else this.followers[previous] = key;
    return key;
  }

  /** As `find`, for a key that is not spelled as in the line: it is never guessed. */
  findUnexpected(parent: number, bytes: Buffer, start: number, end: number): number {
    return this.look(parent, bytes, start, end);
  }

  /** A key and those it is nested in as they are written, outermost first. */
  path(key: number): string[] {
    const path: string[] = [];
    for (let at = key; at !== 0; at = this.parents[at]!) {
      path.unshift(decodeText(this.store, this.ends[at - 1]!, this.ends[at]!, '\ufffd'));
    }
    return path;
  }

  private look(parent: number, bytes: Buffer, start: number, end: number): number {
    const mask = this.slots.length - 1;
    const home = hash(parent, bytes, start, end);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = (home + probe) & mask;
      const key = this.slots[slot]!;
      if (key === 0) {
        this.slots[slot] = this.names.length;
        return this.add(parent, bytes, start, end);
      }
      if (this.parents[key] === parent && this.equals(key, bytes, start, end)) return key;
    }
    return this.add(parent, bytes, start, end);
  }

  private equals(key: number, bytes: Buffer, start: number, end: number): boolean {
    const { store } = this;
    const from = this.ends[key - 1]!;
    if (this.ends[key]! - from !== end - start) return false;
    for (let i = 0; i < end - start; i++) if (store[from + i] !== bytes[start + i]) return false;
    return true;
  }

  private add(parent: number, bytes: Buffer, start: number, end: number): number {
    const key = this.names.length;
    this.names.push(joinName(this.names[parent]!, sanitizePart(bytes, start, end)));
    if (key === this.columns.length) this.grow();
    const from = this.ends[key - 1]!;
    if (from + end - start > this.store.length) this.store = widened(this.store, from + end - start);
    bytes.copy(this.store, from, start, end);
    this.ends[key] = from + end - start;
    this.parents[key] = parent;
    this.columns[key] = -2;
    this.entered[key] = -1;
    this.followers[key] = 0;
    this.children[key] = 0;
    if (2 * key > this.slots.length) this.rehash();
    return key;
  }

  private grow(): void {
    const twice = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const wider = new Int32Array(2 * column.length);
      wider.set(column);
      return wider;
    };
    this.columns = twice(this.columns);
    const entered = new Int8Array(2 * this.entered.length);
    entered.set(this.entered);
    this.entered = entered;
    this.parents = twice(this.parents);
    this.ends = twice(this.ends);
    this.followers = twice(this.followers);
    this.children = twice(this.children);
  }

  private rehash(): void {
    this.slots = new Int32Array(2 * this.slots.length);
    const mask = this.slots.length - 1;
    for (let key = 1; key < this.names.length; key++) {
      const home = hash(this.parents[key]!, this.store, this.ends[key - 1]!, this.ends[key]!);
      for (let probe = 0; probe < MAX_PROBES; probe++) {
        const slot = (home + probe) & mask;
        if (this.slots[slot] !== 0) continue;
        this.slots[slot] = key;
        break;
      }
    }
  }
}

function widened(store: Buffer, needed: number): Buffer {
  const wider = Buffer.allocUnsafe(Math.max(2 * store.length, needed));
  store.copy(wider);
  return wider;
}

/** FNV-1a, seeded with the parent. */
function hash(parent: number, bytes: Buffer, start: number, end: number): number {
  let h = Math.imul(parent + 1, 0x9e3779b1) ^ 0x811c9dc5;
  for (let at = start; at < end; at++) h = Math.imul(h ^ bytes[at]!, 0x01000193);
  return h ^ (h >>> 15);
}
