import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import type { ServerClient } from '../server-client.js';
import { lineBlocks } from '../text-lines.js';
import { Stamper } from '../timestamps/stamper.js';
import { Batch } from './batch.js';
import type { LineClock } from './line-clock.js';
import { Progress } from './progress.js';
import { Uploader } from './uploader.js';

/** The file name that stands for standard input. */
export const STDIN = '-';
/** Lines from standard input are not kept waiting longer than this. */
const STDIN_FLUSH_MS = 1000;
/** Messages that begin alike differ in figures only. */
const REMARK_KIND_LENGTH = 32;

/** One run of the command: files in order, all into one stream. */
export class PushJob {
  readonly progress: Progress;
  readonly uploader: Uploader;
  lines = 0;
  bytes = 0;
  retries = 0;
  readonly #io: CommandIo;
  readonly #labels: string;
  readonly #stamper = new Stamper();
  readonly #remarks = new Set<string>();
  #batch: Batch;

  constructor(io: CommandIo, client: ServerClient, labels: string, total: number | undefined) {
    this.#io = io;
    this.#labels = labels;
    this.#batch = new Batch(labels);
    this.progress = new Progress(io, total);
    this.uploader = new Uploader(client, (why) => this.#remark(why));
  }

  async pushFile(file: string, clock: Pick<LineClock, 'sample' | 'timeOf'>): Promise<void> {
    const source = file === STDIN ? this.#io.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
    // A live source may fall silent with half a batch read.
    const ticker = file === STDIN ? setInterval(() => this.#flushInBackground(), STDIN_FLUSH_MS) : undefined;
    try {
      for await (const lines of lineBlocks(unpacked(file, this.#counted(source)))) {
        clock.sample(lines);
        for (const line of lines) {
          this.#batch.add(this.#stamper.stamp(clock.timeOf(line)), line);
          this.lines++;
          if (this.#batch.isFull) await this.#flush();
        }
        this.progress.show(this.bytes, this.lines);
      }
    } catch (error) {
      throw readable(file, error);
    } finally {
      clearInterval(ticker);
    }
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.uploader.drain();
  }

  async *#counted(source: Readable): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  async #flush(): Promise<void> {
    if (this.#batch.lines === 0) return;
    const batch = this.#batch;
    this.#batch = new Batch(this.#labels);
    await this.uploader.send(batch);
  }

  /** Says why a batch is sent again; a rate limit would say so every second, so each reason is given once. */
  #remark(why: string): void {
    this.retries++;
    const kind = why.slice(0, REMARK_KIND_LENGTH);
    if (this.#remarks.has(kind)) return;
    this.#remarks.add(kind);
    this.progress.remark(`waiting to try again: ${why}`);
  }

  #flushInBackground(): void {
    // A failure is kept by the uploader and comes up at the next batch.
    this.#flush().catch(() => {});
  }
}

function unpacked(file: string, source: AsyncGenerator<Uint8Array, void>): AsyncIterable<Uint8Array> {
  if (!file.endsWith('.gz')) return source;
  // A failure of either comes out of the stream that is returned.
  return pipeline(source, createGunzip(), () => {});
}

/** A file that can't be read, in words. */
export function readable(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return new CommandError(`${file}: no such file`);
  if (code === 'EISDIR') return new CommandError(`${file}: is a folder; name the files in it`);
  if (code === 'EACCES') return new CommandError(`${file}: may not be read`);
  if (code.startsWith('Z_')) return new CommandError(`${file}: is not intact gzip (${(error as Error).message})`);
  return error;
}
