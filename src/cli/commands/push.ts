import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Command, CommandIo } from '../command.js';
import { CommandError, UsageError } from '../command-error.js';
import { formatBytes, formatCount, formatSeconds, plural } from '../human.js';
import { choice, parseOptions, SERVER_OPTIONS, SERVER_USAGE, serverClient } from '../options.js';
import { Batch } from '../push/batch.js';
import { LineClock, presentClock } from '../push/line-clock.js';
import { Progress } from '../push/progress.js';
import { Uploader } from '../push/uploader.js';
import { lineBlocks } from '../text-lines.js';
import { Stamper } from '../timestamps/stamper.js';
import { parseZone } from '../timestamps/zone.js';

/** Lines from standard input are not kept waiting longer than this. */
const STDIN_FLUSH_MS = 1000;
const STDIN = '-';

const USAGE = `skald push [FILE...] --label NAME=VALUE [--label ...]

Pushes text logs, one entry a line, as one stream with the given labels. Without a file, or with -, reads standard
input; files ending in .gz are unpacked. The time of a line is recognised in common formats; a line without one has the
time of the line before, a file without any has the present time. Equal times are told apart by nanoseconds.

  --label NAME=VALUE  label of the stream; repeat for more
  --now               stamp every line with the present time
  --timezone ZONE     zone of times that name none: local (default), UTC or +02:00
  --output text|json  form of the summary
${SERVER_USAGE}

  skald push /var/log/syslog --label job=syslog
  journalctl -f | skald push --label job=journal --now`;

export const push: Command = {
  name: 'push',
  summary: 'push text logs from files or standard input',
  usage: USAGE,
  run: runPush,
};

async function runPush(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseOptions('push', args, {
    ...SERVER_OPTIONS,
    label: { type: 'string', short: 'l', multiple: true },
    now: { type: 'boolean' },
    timezone: { type: 'string', default: 'local' },
    output: { type: 'string', default: 'text' },
  });
  const labels = labelsJson(values.label ?? []);
  const files = positionals.length === 0 ? [STDIN] : positionals;
  const context = { zone: parseZone(values.timezone), nowMs: io.now() };
  const clock = () => (values.now ? presentClock(io.now) : new LineClock(context, io.now));
  const job = new PushJob(io, serverClient(values, io), labels, await totalBytes(files));
  const output = choice('output', values.output, ['text', 'json']);
  const started = io.now();
  try {
    for (const file of files) await job.pushFile(file, clock());
    await job.finish();
  } finally {
    job.progress.clear();
  }
  return summarise(io, job, (io.now() - started) / 1000, output === 'json');
}

/** One run of the command: files in order, all into one stream. */
class PushJob {
  readonly progress: Progress;
  readonly uploader: Uploader;
  lines = 0;
  bytes = 0;
  readonly #io: CommandIo;
  readonly #labels: string;
  readonly #stamper = new Stamper();
  #batch: Batch;

  constructor(io: CommandIo, client: ReturnType<typeof serverClient>, labels: string, total: number | undefined) {
    this.#io = io;
    this.#labels = labels;
    this.#batch = new Batch(labels);
    this.progress = new Progress(io, total);
    this.uploader = new Uploader(client, (why) => this.progress.remark(`waiting to try again: ${why}`));
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

function readable(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return new CommandError(`${file}: no such file`);
  if (code === 'EISDIR') return new CommandError(`${file}: is a folder; name the files in it`);
  if (code === 'EACCES') return new CommandError(`${file}: may not be read`);
  if (code.startsWith('Z_')) return new CommandError(`${file}: is not intact gzip (${(error as Error).message})`);
  return error;
}

async function totalBytes(files: readonly string[]): Promise<number | undefined> {
  if (files.includes(STDIN)) return undefined;
  let total = 0;
  for (const file of files) {
    try {
      total += (await stat(file)).size;
    } catch (error) {
      throw readable(file, error);
    }
  }
  return total;
}

/** The `--label` flags as a JSON object. */
function labelsJson(flags: readonly string[]): string {
  if (flags.length === 0) throw new UsageError('name the stream with at least one label, e.g. --label app=nginx');
  const pairs = flags.map((flag): [string, string] => {
    const equals = flag.indexOf('=');
    const name = flag.slice(0, equals);
    if (equals === -1 || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new UsageError(`--label ${flag}: must be NAME=VALUE, with a name of letters, digits and _`);
    }
    return [name, flag.slice(equals + 1)];
  });
  return JSON.stringify(Object.fromEntries(pairs));
}

async function summarise(io: CommandIo, job: PushJob, seconds: number, json: boolean): Promise<number> {
  const { lines, bytes, uploader } = job;
  const { accepted, refusedBatches, reasons } = uploader;
  if (json) {
    await io.out(`${JSON.stringify({ lines, bytes, seconds, accepted, refusedBatches, reasons })}\n`);
  } else {
    const rate = formatCount(lines / Math.max(seconds, 0.001));
    await io.out(`${plural(lines, 'line')} (${formatBytes(bytes)}) in ${formatSeconds(seconds)}, ${rate} lines/s\n`);
    if (refusedBatches > 0) {
      io.err(`${plural(refusedBatches, 'batch', 'batches')} not taken in full by the server:\n`);
      for (const reason of reasons) io.err(`  ${reason}\n`);
    }
  }
  return refusedBatches > 0 ? 1 : 0;
}
