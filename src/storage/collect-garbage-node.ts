/**
 * Collects garbage of the calling thread at once, where a lot of it is known to be: V8 does not count shared memory, and keeps
 * hundreds of megabytes of it that nobody refers to any more until objects happen to fill the heap. Stops the thread for some
 * tens of milliseconds at most, which a later collection then does not.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EXPOSING_TRIES_MAX = 1000;

const collect = exposedCollector();

/** Flags are the whole process's: another thread that loads this module may switch it off before the context is made. */
function exposedCollector(): unknown {
  let exposed: unknown;
  for (let tries = 0; exposed === undefined && tries < EXPOSING_TRIES_MAX; tries++) {
    setFlagsFromString('--expose-gc');
    exposed = runInNewContext('globalThis.gc');
  }
  setFlagsFromString('--no-expose-gc');
  return exposed;
}

export function collectGarbage(): void {
  if (typeof collect === 'function') collect();
}

/** By how much the objects of a thread may grow, of what was left of them, before their garbage is collected. */
const GROWTH_PERCENT = 200;

/**
 * For all threads of this process. V8 by itself lets a heap that grows slowly grow by a third, and looks at all of it again each
 * time; ours are small beside what lies outside of them, and consist of little that dies.
 */
export function collectSeldom(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}

/** V8 begins to look for garbage when buffers have grown by so much (64 MiB) since it did so last. */
const ENOUGH_BYTES = 65 << 20;

/**
 * Has garbage of the calling thread collected soon and step by step, with pauses of some milliseconds: by a buffer that nobody
 * uses, which costs no memory because nothing is written to it.
 */
export function collectGarbageSoon(): void {
  new ArrayBuffer(ENOUGH_BYTES);
}
