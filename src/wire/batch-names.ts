import { ByteCache } from './byte-cache.js';
import type { ByteRun } from './byte-copy.js';
import type { Refs } from './entries-layout.js';

/** Makes the strings of a batch. */
export interface Names {
  read(text: ByteRun, start: number, end: number): string;
  /** Text s is the pieces that refs[ends[s-1]..ends[s]] name, after each other. */
  join(pieces: readonly string[], refs: Refs, ends: Int32Array): string[];
}

/** The names in batches that are opened one after the other: one string for each, however many batches have it. */
export class BatchNames implements Names {
  readonly #known = new ByteCache<string>(NAMES_MAX, NAME_BYTES_MAX);
  #texts = new TextTree();

  read(text: ByteRun, start: number, end: number): string {
    const known = this.#known.get(text.view, start, end);
    if (known !== undefined) return known;
    const name = utf8(text, start, end);
    this.#known.put(text, start, end, name);
    return name;
  }

  join(pieces: readonly string[], refs: Refs, ends: Int32Array): string[] {
    if (this.#texts.chars > JOINED_MAX) this.#texts = new TextTree();
    const tree = this.#texts;
    const numbers = Int32Array.from(pieces, (piece) => tree.numberOf(piece));
    const texts = new Array<string>(ends.length);
    let at = 0;
    for (let s = 0; s < texts.length; s++) {
      let node = 0;
      for (const end = ends[s]!; at < end; at++) {
        const number = numbers[refs[at]!]!;
        const next = tree.longer(node, number);
        node = next > 0 ? next : tree.add(node, number, pieces[refs[at]!]!);
      }
      texts[s] = tree.text(node);
    }
    return texts;
  }
}

const FIRST_SLOTS = 1024;
/** Words of a slot: a text, the piece after it, and the text that both are; 0 where there is none. */
const SLOT = 3;

/** Texts by what they consist of: each is a shorter one, or none, and a piece. Both are numbers, so that nothing long is compared. */
class TextTree {
  /** Of all texts. */
  chars = 0;
  readonly #pieces = new Map<string, number>();
  readonly #texts: string[] = [''];
  #slots = new Int32Array(SLOT * FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;

  numberOf(piece: string): number {
    const known = this.#pieces.get(piece);
    if (known !== undefined) return known;
    const number = this.#pieces.size;
    this.#pieces.set(piece, number);
    this.chars += piece.length;
    return number;
  }

  text(node: number): string {
    return this.#texts[node]!;
  }

  /** The text that is one piece longer; 0 when it is not known. */
  longer(node: number, piece: number): number {
    return this.#slots[this.#slotOf(node, piece) + 2]!;
  }

  add(node: number, piece: number, text: string): number {
    if (2 * this.#texts.length > this.#mask) this.#grow();
    const whole = this.#texts[node]! + text;
    const added = this.#texts.push(whole) - 1;
    this.chars += whole.length;
    this.#put(node, piece, added);
    return added;
  }

  #put(node: number, piece: number, text: number): void {
    const slot = this.#slotOf(node, piece);
    this.#slots[slot] = node;
    this.#slots[slot + 1] = piece;
    this.#slots[slot + 2] = text;
  }

  /** Where it is, or is to be. */
  #slotOf(node: number, piece: number): number {
    const slots = this.#slots;
    let hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(piece, 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = SLOT * slot;
      if (slots[at + 2] === 0 || (slots[at] === node && slots[at + 1] === piece)) return at;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(2 * before.length);
    this.#mask = this.#slots.length / SLOT - 1;
    for (let at = 0; at < before.length; at += SLOT) {
      if (before[at + 2] !== 0) this.#put(before[at]!, before[at + 1]!, before[at + 2]!);
    }
  }
}

/** What is read where nothing is remembered. */
export const NO_NAMES: Names = { read: utf8, join: joined };

function joined(pieces: readonly string[], refs: Refs, ends: Int32Array): string[] {
  const texts = new Array<string>(ends.length);
  let at = 0;
  for (let s = 0; s < texts.length; s++) {
    let text = '';
    for (const end = ends[s]!; at < end; at++) text += pieces[refs[at]!]!;
    texts[s] = text;
  }
  return texts;
}

function utf8({ bytes }: ByteRun, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).utf8Slice();
}

const NAMES_MAX = 1 << 15;
const NAME_BYTES_MAX = 4 << 20;
/** Characters of joined texts, those on the way to longer ones included, and of their pieces. */
const JOINED_MAX = 32 << 20;
