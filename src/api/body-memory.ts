const STEP_BYTES = 64 * 1024;
/** Larger bodies are rare, and get memory of their own. */
const KEPT_BYTES_MAX = 1024 * 1024;
const KEPT_COUNT_MAX = 16;

/**
 * Memory for bodies of requests, used again and again: as garbage it is outside of V8's heap, where it grows by hundreds of
 * megabytes a second of load between two collections, and makes them come sooner.
 */
export class BodyMemory {
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  /** At least so many bytes, which may hold anything. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const kept = this.#free.findLastIndex((memory) => memory.length >= bytes);
    if (kept >= 0) return this.#free.splice(kept, 1)[0]!;
    const size = bytes > KEPT_BYTES_MAX ? bytes : Math.max(STEP_BYTES, Math.ceil(bytes / STEP_BYTES) * STEP_BYTES);
    // Not of Buffer's pool, which could not be handed to a thread.
    return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  }

  /** What was taken, or a part of it, is looked at by nobody any more. */
  give({ buffer }: Uint8Array): void {
    // Empty where it was handed to a thread.
    const isWelcome = buffer.byteLength > 0 && buffer.byteLength <= KEPT_BYTES_MAX;
    if (isWelcome && this.#free.length < KEPT_COUNT_MAX && buffer instanceof ArrayBuffer)
      this.#free.push(new Uint8Array(buffer));
  }
}
