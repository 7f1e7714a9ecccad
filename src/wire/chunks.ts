/**
 * Messages larger than a transport takes, in parts. A part is a header and bytes:
 *
 *     [message id: 8][part: u32][parts: u32][bytes]      little endian
 *
 * The id is unique among the messages that one sender has under way. Parts may arrive in any order, twice or not at all.
 */
const HEADER_BYTES = 16;

export interface ChunkBounds {
  /** Bytes of one message, all parts together. */
  readonly messageBytesMax: number;
  /** Bytes of all messages that still miss a part. */
  readonly pendingBytesMax: number;
  /** How long a message may miss a part. */
  readonly pendingMs: number;
}

export const DEFAULT_CHUNK_BOUNDS: ChunkBounds = {
  messageBytesMax: 256 << 20,
  pendingBytesMax: 512 << 20,
  pendingMs: 30_000,
};

/** Parts of at most `partBytesMax` bytes each, header included. */
export function* split(id: bigint, bytes: Uint8Array, partBytesMax: number): Generator<Uint8Array, void> {
  const room = partBytesMax - HEADER_BYTES;
  const parts = Math.max(1, Math.ceil(bytes.length / room));
  for (let part = 0; part < parts; part++) {
    const body = bytes.subarray(part * room, (part + 1) * room);
    const out = Buffer.allocUnsafe(HEADER_BYTES + body.length);
    const view = new DataView(out.buffer, out.byteOffset, HEADER_BYTES);
    view.setBigUint64(0, id, true);
    view.setUint32(8, part, true);
    view.setUint32(12, parts, true);
    out.set(body, HEADER_BYTES);
    yield out;
  }
}

interface Pending {
  readonly parts: (Uint8Array | undefined)[];
  readonly since: number;
  missing: number;
  bytes: number;
}

/** Puts messages together again. What breaks a bound or makes no sense is dropped and counted. */
export class Assembler {
  readonly #bounds: ChunkBounds;
  readonly #pending = new Map<string, Pending>();
  #bytes = 0;
  dropped = 0;

  constructor(bounds: ChunkBounds = DEFAULT_CHUNK_BOUNDS) {
    this.#bounds = bounds;
  }

  /** The whole message when this was the last part of it. `from` tells senders apart; `now` is monotonic ms. */
  add(from: string, part: Uint8Array, now: number): Uint8Array | undefined {
    if (part.length < HEADER_BYTES) return this.#drop();
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    const index = view.getUint32(8, true);
    const parts = view.getUint32(12, true);
    const body = part.subarray(HEADER_BYTES);
    if (parts === 1 && index === 0) return body.length <= this.#bounds.messageBytesMax ? body : this.#drop();
    // An honest sender fills each part but the last, so a count of parts is bounded by the bytes they may hold.
    if (index >= parts || parts > this.#bounds.messageBytesMax / MIN_PART_BYTES) return this.#drop();
    this.#expire(now);
    const key = `${from} ${view.getBigUint64(0, true)}`;
    const pending = this.#open(key, parts, now);
    if (pending.parts.length !== parts || pending.parts[index]) return undefined;
    if (!this.#fits(pending, body.length)) {
      this.#forget(key, pending);
      return this.#drop();
    }
    pending.parts[index] = body;
    pending.bytes += body.length;
    this.#bytes += body.length;
    if (--pending.missing > 0) return undefined;
    this.#forget(key, pending);
    return Buffer.concat(pending.parts as Uint8Array[], pending.bytes);
  }

  #open(key: string, parts: number, now: number): Pending {
    const known = this.#pending.get(key);
    if (known) return known;
    const pending: Pending = { parts: new Array(parts), since: now, missing: parts, bytes: 0 };
    this.#pending.set(key, pending);
    return pending;
  }

  #fits({ bytes }: Pending, more: number): boolean {
    return bytes + more <= this.#bounds.messageBytesMax && this.#bytes + more <= this.#bounds.pendingBytesMax;
  }

  /** Oldest first, as a Map keeps them. */
  #expire(now: number): void {
    for (const [key, pending] of this.#pending) {
      if (pending.since + this.#bounds.pendingMs > now) return;
      this.#forget(key, pending);
      this.dropped++;
    }
  }

  #forget(key: string, pending: Pending): void {
    this.#pending.delete(key);
    this.#bytes -= pending.bytes;
  }

  #drop(): undefined {
    this.dropped++;
    return undefined;
  }
}

/** No transport takes less than this at a time. */
const MIN_PART_BYTES = 1024;
