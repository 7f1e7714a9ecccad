import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { CommandError } from '../command-error.js';
import { refused, type ServerClient, type ServerReply, Unreachable } from '../server-client.js';
import type { Batch } from './batch.js';

const gzipBytes = promisify(gzip);
const GZIP_OPTIONS = { level: constants.Z_BEST_SPEED };
const IN_FLIGHT_MAX = 2;
const ATTEMPTS_MAX = 10;
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 10_000;
/** Refusals kept for the summary. */
const REASONS_MAX = 3;

type Attempt =
  | { readonly kind: 'done'; readonly reply: ServerReply }
  /** `waitMs` is what the server asks for; 0 when it does not say. */
  | { readonly kind: 'again'; readonly waitMs: number };

/**
 * Sends batches in order, two at a time. While one is being tried again no new one is begun, so that no batch overtakes
 * another by more than one. What the server refuses for its content is noted and the rest goes on; what would meet
 * every batch alike (wrong address, no tenant, times too old) stops the upload.
 */
export class Uploader {
  /** Messages of refused batches, at most a few. */
  readonly reasons: string[] = [];
  accepted = 0;
  refusedBatches = 0;
  readonly #client: ServerClient;
  readonly #onWait: (why: string) => void;
  readonly #inFlight = new Set<Promise<void>>();
  #retrying: Promise<void> | undefined;
  #failure: unknown;

  /** `onWait` is told why a batch has to be sent again. */
  constructor(client: ServerClient, onWait: (why: string) => void) {
    this.#client = client;
    this.#onWait = onWait;
  }

  /** Resolves when the batch is under way and there is room for the next. Rejects once the upload has failed. */
  async send(batch: Batch): Promise<void> {
    while (this.#failure === undefined && (this.#inFlight.size >= IN_FLIGHT_MAX || this.#retrying !== undefined)) {
      await (this.#retrying ?? Promise.race(this.#inFlight));
    }
    if (this.#failure !== undefined) throw this.#failure;
    const upload: Promise<void> = this.#upload(batch)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#inFlight.delete(upload));
    this.#inFlight.add(upload);
  }

  /** Resolves when everything sent has been answered. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #upload(batch: Batch): Promise<void> {
    const body = await gzipBytes(batch.json(), GZIP_OPTIONS);
    const first = await this.#attempt(body, false);
    const reply = first.kind === 'done' ? first.reply : await this.#retry(body, first.waitMs);
    if (reply.status === 204 || reply.status === 200) this.accepted += batch.lines;
    else this.#refuse(reply);
  }

  async #attempt(body: Uint8Array, last: boolean): Promise<Attempt> {
    try {
      const reply = await this.#client.push(body, 'gzip');
      if (reply.status !== 429 && reply.status < 500) return { kind: 'done', reply };
      if (last) throw new CommandError(`gave up after ${ATTEMPTS_MAX} attempts: ${refused(reply).message}`);
      this.#onWait(firstLine(reply.body) || `status ${reply.status}`);
      return { kind: 'again', waitMs: reply.retryAfter * 1000 };
    } catch (error) {
      // The first batch tells whether anybody is there at all: waiting would only hide a wrong address.
      if (!(error instanceof Unreachable) || last || this.accepted === 0) throw error;
      this.#onWait(error.message);
      return { kind: 'again', waitMs: 0 };
    }
  }

  async #retry(body: Uint8Array, firstWaitMs: number): Promise<ServerReply> {
    while (this.#retrying !== undefined) await this.#retrying;
    let done = (): void => {};
    this.#retrying = new Promise((resolve) => {
      done = resolve;
    });
    try {
      let askedMs = firstWaitMs;
      for (let attempt = 1; ; attempt++) {
        const backoffMs = BACKOFF_MIN_MS * 2 ** (attempt - 1);
        await sleep(Math.min(Math.max(backoffMs, askedMs), BACKOFF_MAX_MS));
        if (this.#failure !== undefined) throw this.#failure;
        const outcome = await this.#attempt(body, attempt === ATTEMPTS_MAX - 1);
        if (outcome.kind === 'done') return outcome.reply;
        askedMs = outcome.waitMs;
      }
    } finally {
      this.#retrying = undefined;
      done();
    }
  }

  #refuse(reply: ServerReply): void {
    if (reply.status !== 400) throw refused(reply);
    if (reply.body.includes('has timestamp too old')) throw tooOld(reply);
    this.refusedBatches++;
    if (this.reasons.length < REASONS_MAX) this.reasons.push(firstLine(reply.body));
  }
}

function tooOld(reply: ServerReply): CommandError {
  return new CommandError(
    `the server refuses entries this old: ${firstLine(reply.body)}\n` +
      'start it with --set limits.reject_old_samples=false to accept them, or push with --now to stamp every line ' +
      'with the present time',
  );
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!;
}
