/**
 * Whether bytes are one MessagePack value (https://github.com/msgpack/msgpack/blob/master/spec.md) that a decoder may
 * build without regret: it ends where the bytes end, no count promises more than follows, nothing is nested deeper than a
 * decoder may recurse, and the only extensions are those that `encode` writes. Costs a look at every header; strings and
 * buffers are stepped over.
 */

/** Thrown for bytes that are no message, by whoever reads them first. */
export class MessageError extends RangeError {}

/** Queries nest 1,000 deep at most (planning/logql/depth.ts); msgpackr has stack for more. */
const DEPTH_MAX = 1500;

/** Extensions: undefined, shared memory, integers beyond 64 bits, typed arrays. */
const UNDEFINED = 0;
const SHARED_BUFFER = 1;
const BIG_INTEGER = 0x42;
const TYPED_ARRAY = 0x74;
const BIG_INTEGER_BYTES_MAX = 64;

export function checkMessagePack(bytes: Uint8Array): void {
  const walk = new Walk(bytes);
  walk.value();
  while (walk.open) walk.value();
  walk.end();
}

class Walk {
  readonly #view: DataView;
  #at = 0;
  /** Values still to come in each open container, outermost first; and in all of them. */
  readonly #left: number[] = [];
  #owed = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Ends the containers that have all of their values. Not sooner: a decoder leaves them only now. */
  get open(): boolean {
    while (this.#left.at(-1) === 0) this.#left.pop();
    return this.#left.length > 0;
  }

  end(): void {
    if (this.#at !== this.#view.byteLength) throw new MessageError('message: bytes behind its end');
  }

  value(): void {
    this.#count();
    const token = this.#uint(1);
    if (token < 0x80 || token >= 0xe0) return;
    if (token < 0x90) return this.#container(2 * (token & 0x0f));
    if (token < 0xa0) return this.#container(token & 0x0f);
    if (token < 0xc0) return this.#skip(token & 0x1f);
    this.#long(token);
  }

  /** Tokens 0xc0 to 0xdf. */
  #long(token: number): void {
    if (token === 0xc0 || token === 0xc2 || token === 0xc3) return;
    if (token >= 0xc4 && token <= 0xc6) return this.#skip(this.#uint(1 << (token - 0xc4)));
    if (token >= 0xc7 && token <= 0xc9) return this.#extension(this.#uint(1 << (token - 0xc7)));
    if (token === 0xca) return this.#skip(4);
    if (token === 0xcb) return this.#skip(8);
    if (token >= 0xcc && token <= 0xcf) return this.#skip(1 << (token - 0xcc));
    if (token >= 0xd0 && token <= 0xd3) return this.#skip(1 << (token - 0xd0));
    if (token >= 0xd4 && token <= 0xd8) return this.#extension(1 << (token - 0xd4));
    if (token >= 0xd9 && token <= 0xdb) return this.#skip(this.#uint(1 << (token - 0xd9)));
    if (token === 0xdc || token === 0xdd) return this.#container(this.#uint(token === 0xdc ? 2 : 4));
    if (token === 0xde || token === 0xdf) return this.#container(2 * this.#uint(token === 0xde ? 2 : 4));
    throw new MessageError(`message: a token of ${token}`);
  }

  /** One value less to come, in the innermost container that waits for any. */
  #count(): void {
    const { length } = this.#left;
    if (length === 0) return;
    this.#owed--;
    this.#left[length - 1]!--;
  }

  #container(values: number): void {
    if (values === 0) return;
    this.#owed += values;
    if (this.#owed > this.#view.byteLength - this.#at) throw new MessageError('message: promises more than it holds');
    if (this.#left.push(values) > DEPTH_MAX) throw new MessageError('message: nested too deeply');
  }

  #extension(length: number): void {
    const type = this.#uint(1);
    const isKnown =
      type === UNDEFINED ||
      type === SHARED_BUFFER ||
      (type === TYPED_ARRAY && length > 0) ||
      (type === BIG_INTEGER && length > 0 && length <= BIG_INTEGER_BYTES_MAX);
    if (!isKnown) throw new MessageError(`message: an extension of type ${type}`);
    this.#skip(length);
  }

  #skip(length: number): void {
    if (length > this.#view.byteLength - this.#at) throw new MessageError('message: ends early');
    this.#at += length;
  }

  #uint(width: number): number {
    const at = this.#at;
    this.#skip(width);
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }
}
