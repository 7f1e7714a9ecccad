/** The body of a scan thread: runs fragments. */
import { type MessagePort, receiveMessageOnPort, threadId, workerData } from 'node:worker_threads';
import { openBucket } from '../storage/bucket/open-node.js';
import { collectGarbage } from '../storage/collect-garbage-node.js';
import { ObjectCache } from '../storage/dataobj/object-cache.js';
import { asFault, FaultError } from '../wire/fault.js';
import { AsyncQueue } from './async-queue.js';
import type { LiveRows } from './context.js';
import type { ReceivedFrame, TaskIo, TaskJob } from './pool.js';
import { taskContext } from './pool-inline.js';
import { runFragment } from './task.js';
import type { FromThread, ObjectsPlace, RunOutcome, RunRequest, ToThread } from './thread-port.js';

// Piscina wraps the data given to the pool in a pair of its own.
const setup = (Array.isArray(workerData) ? workerData[1] : workerData) as ObjectsPlace;
const home = await cacheOver(setup);
/** One beside the thread's own, as long as it asks. */
let guests: { readonly place: string; readonly objects: Promise<ObjectCache> } | undefined;
const GUEST_IDLE_MS = 5_000;
const forgetGuests = setTimeout(() => {
  guests = undefined;
}, GUEST_IDLE_MS).unref();

export default async function main({ job, guest, port }: RunRequest): Promise<RunOutcome> {
  const outcome = await run(job, guest, port).catch((error: unknown) => ({
    kind: 'failed' as const,
    fault: asFault(error),
  }));
  return { ...outcome, kept: { thread: threadId, counts: home.counts() } };
}

async function cacheOver({ bucket, cacheBytesMax, pageCacheBytesMax }: ObjectsPlace): Promise<ObjectCache> {
  return new ObjectCache(await openBucket(bucket), cacheBytesMax, pageCacheBytesMax);
}

function guestCache(objects: ObjectsPlace): Promise<ObjectCache> {
  const place = JSON.stringify(objects.bucket);
  if (guests?.place !== place) guests = { place, objects: cacheOver(objects) };
  forgetGuests.refresh();
  return guests.objects;
}

async function run(job: TaskJob, guest: ObjectsPlace | undefined, port: MessagePort) {
  const objects = guest ? await guestCache(guest) : home;
  const io = new PortIo(port, job.slots);
  try {
    const context = taskContext(
      job,
      io,
      (path) => objects.open(path),
      () => performance.now(),
    );
    const report = await runFragment(job.fragment, context, io.send);
    await io.drained();
    return { kind: 'ran' as const, report };
  } finally {
    port.close();
    forgetLive(io.liveBytes);
  }
}

/** Memory of ingesters that is worth a collection: V8 does not count what is shared, and they have let go of it perhaps. */
const FORGOTTEN_BYTES = 64 << 20;
let liveBytes = 0;

function forgetLive(bytes: number): void {
  liveBytes += bytes;
  if (liveBytes < FORGOTTEN_BYTES) return;
  liveBytes = 0;
  setImmediate(collectGarbage);
}

/** A task's streams seen through its message port. */
class PortIo implements TaskIo {
  readonly sources: readonly AsyncQueue<ReceivedFrame>[];
  readonly #port: MessagePort;
  readonly #abort = new AbortController();
  /** Of batches that were read from ingesters. */
  liveBytes = 0;
  readonly #live = new Map<number, { resolve: (rows: LiveRows) => void; reject: (error: unknown) => void }>();
  #room = 0;
  #waiting: (() => void) | undefined;
  #requests = 0;

  constructor(port: MessagePort, slots: number) {
    this.#port = port;
    this.sources = Array.from({ length: slots }, () => new AsyncQueue<ReceivedFrame>());
    port.on('message', (message: ToThread) => this.#receive(message));
  }

  /** Takes in what has arrived first: a task that never waits for anything would not hear that it was cancelled. */
  get signal(): AbortSignal {
    for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
      this.#receive(next.message as ToThread);
    }
    return this.#abort.signal;
  }

  /** Waits for room first: the pool grants it frame by frame as the stream's credits allow. */
  readonly send = async (bytes: Uint8Array): Promise<void> => {
    while (this.#room === 0) await this.#roomChange();
    this.#room--;
    const exact = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    this.#post({ kind: 'frame', bytes: exact }, [exact.buffer as ArrayBuffer]);
  };

  /** Resolves when every frame has been passed on: the answer of the thread takes another way and may overtake them. */
  async drained(): Promise<void> {
    while (this.#room === 0) await this.#roomChange();
  }

  readonly readLive: TaskIo['readLive'] = (target) => {
    const request = this.#requests++;
    this.#post({ kind: 'live', request, target });
    return new Promise((resolve, reject) => this.#live.set(request, { resolve, reject }));
  };

  async #roomChange(): Promise<void> {
    this.#abort.signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
    });
  }

  #receive(message: ToThread): void {
    switch (message.kind) {
      case 'frame': {
        const { slot, rank, bytes } = message;
        const taken = (): void => this.#post({ kind: 'taken', slot, rank });
        this.sources[slot]?.push({ bytes, rank, taken });
        return;
      }
      case 'end':
        this.sources[message.slot]?.close(message.fault && new FaultError(message.fault));
        return;
      case 'room':
        this.#room++;
        this.#waiting?.();
        return;
      case 'live': {
        const waiting = this.#live.get(message.request);
        this.#live.delete(message.request);
        for (const { batch } of message.rows?.batches ?? []) this.liveBytes += batch.byteLength;
        if (message.rows) waiting?.resolve(message.rows);
        else waiting?.reject(message.fault ? new FaultError(message.fault) : new Error('live read without an answer'));
        return;
      }
      case 'cancel':
        return this.#cancel(new FaultError(message.fault));
    }
  }

  #cancel(error: FaultError): void {
    this.#abort.abort(error);
    for (const source of this.sources) source.close(error);
    for (const { reject } of this.#live.values()) reject(error);
    this.#waiting?.();
  }

  #post(message: FromThread, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
