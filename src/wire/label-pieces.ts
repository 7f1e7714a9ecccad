import { raise } from './fault.js';

interface Piece {
  readonly text: string;
  /** The batch that had it last, and its number there. */
  batch: number;
  number: number;
}

/** What texts of a batch come to, which few bytes may refer to; as much as one string may have. */
export const LABEL_CHARS_MAX = 1 << 29;
/** So many texts, and characters of them, are remembered in pieces when a batch is begun. */
const TEXTS_MAX = 1 << 15;
const CHARS_MAX = 8 << 20;
/** Longer texts stay whole. */
const TEXT_CHARS_MAX = 4096;
/** Where label text is cut: behind the comma after a value. */
const CUT = '", ';

/**
 * Numbers the pieces that the label texts of a batch consist of: streams of one sender have most labels in common. Joined they are
 * the text again, whatever it is.
 */
export class LabelPieces {
  /** Of the batch at hand, by number. */
  readonly texts: string[] = [];
  /** The pieces of its texts, one text after the other; room for more. */
  refs = new Int32Array(1024);
  count = 0;
  /** Where each text ends among them. */
  readonly ends: number[] = [];
  readonly #cut = new Map<string, readonly Piece[]>();
  readonly #pieces = new Map<string, Piece>();
  #chars = 0;
  #batch = 0;

  /** Raises `too-large`. The same texts are the same pieces, whatever was read before: batches that are sent again are known by their bytes. */
  read(texts: readonly string[]): void {
    this.#forgetSome();
    this.#batch++;
    this.texts.length = 0;
    this.count = 0;
    this.ends.length = 0;
    let chars = 0;
    for (const text of texts) {
      const pieces = this.#cut.get(text) ?? this.#add(text);
      if (this.count + pieces.length > this.refs.length) this.#grow(pieces.length);
      for (let i = 0; i < pieces.length; i++) this.#put(pieces[i]!);
      this.ends.push(this.count);
      chars += text.length;
    }
    if (chars > LABEL_CHARS_MAX) raise('too-large', `request body too large: ${chars} characters of stream labels`);
  }

  /** Between batches, never within one. */
  #forgetSome(): void {
    if (this.#cut.size < TEXTS_MAX && this.#chars < CHARS_MAX) return;
    this.#cut.clear();
    this.#pieces.clear();
    this.#chars = 0;
  }

  #put(piece: Piece): void {
    if (piece.batch !== this.#batch) {
      piece.batch = this.#batch;
      piece.number = this.texts.push(piece.text) - 1;
    }
    this.refs[this.count++] = piece.number;
  }

  #grow(more: number): void {
    const refs = new Int32Array(2 * (this.count + more));
    refs.set(this.refs);
    this.refs = refs;
  }

  #add(text: string): readonly Piece[] {
    if (text.length > TEXT_CHARS_MAX) return [{ text, batch: 0, number: 0 }];
    this.#chars += text.length;
    const pieces = cut(text).map((one) => this.#piece(one));
    this.#cut.set(text, pieces);
    return pieces;
  }

  #piece(text: string): Piece {
    const known = this.#pieces.get(text);
    if (known !== undefined) return known;
    const piece = { text, batch: 0, number: 0 };
    this.#pieces.set(text, piece);
    return piece;
  }
}

function cut(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf(CUT); at !== -1; at = text.indexOf(CUT, from)) {
    pieces.push(text.slice(from, at + CUT.length));
    from = at + CUT.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}
