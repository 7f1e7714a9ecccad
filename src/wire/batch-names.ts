import { ByteCache } from './byte-cache.js';
import type { ByteRun } from './byte-copy.js';
import type { Refs } from './entries-layout.js';

/** Makes the strings of a batch. */
export interface Names {
  read(text: ByteRun, start: number, end: number): string;
  /** The pieces that refs[from..to] name, after each other. */
  join(pieces: readonly string[], refs: Refs, from: number, to: number): string;
}

/** A text, and the texts that are one piece longer. */
class Node {
  readonly text: string;
  readonly longer = new Map<string, Node>();

  constructor(text: string) {
    this.text = text;
  }
}

/** The names in batches that are opened one after the other: one string for each, however many batches have it. */
export class BatchNames implements Names {
  readonly #known = new ByteCache<string>(NAMES_MAX, NAME_BYTES_MAX);
  #root = new Node('');
  #joined = 0;

  read(text: ByteRun, start: number, end: number): string {
    const known = this.#known.get(text.view, start, end);
    if (known !== undefined) return known;
    const name = utf8(text, start, end);
    this.#known.put(text, start, end, name);
    return name;
  }

  join(pieces: readonly string[], refs: Refs, from: number, to: number): string {
    if (this.#joined > JOINED_MAX) {
      this.#root = new Node('');
      this.#joined = 0;
    }
    let node = this.#root;
    for (let at = from; at < to; at++) {
      const piece = pieces[refs[at]!]!;
      node = node.longer.get(piece) ?? this.#add(node, piece);
    }
    return node.text;
  }

  #add(node: Node, piece: string): Node {
    const next = new Node(node.text + piece);
    node.longer.set(piece, next);
    this.#joined += next.text.length;
    return next;
  }
}

/** What is read where nothing is remembered. */
export const NO_NAMES: Names = { read: utf8, join: joined };

function joined(pieces: readonly string[], refs: Refs, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += pieces[refs[at]!]!;
  return text;
}

function utf8({ bytes }: ByteRun, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).utf8Slice();
}

const NAMES_MAX = 1 << 15;
const NAME_BYTES_MAX = 4 << 20;
/** Characters of joined texts, those on the way to longer ones included. */
const JOINED_MAX = 32 << 20;
