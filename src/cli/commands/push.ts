import { stat } from 'node:fs/promises';
import type { Command, CommandIo } from '../command.js';
import { UsageError } from '../command-error.js';
import { formatBytes, formatCount, formatSeconds, plural } from '../human.js';
import { choice, parseOptions, SERVER_OPTIONS, SERVER_USAGE, serverClient } from '../options.js';
import { PushJob, readable, STDIN } from '../push/job.js';
import { LineClock, presentClock } from '../push/line-clock.js';
import { parseZone } from '../timestamps/zone.js';

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
  const { lines, bytes, retries, uploader } = job;
  const { accepted, refusedBatches, reasons } = uploader;
  if (json) {
    await io.out(`${JSON.stringify({ lines, bytes, seconds, retries, accepted, refusedBatches, reasons })}\n`);
  } else {
    const rate = formatCount(lines / Math.max(seconds, 0.001));
    const again = retries === 0 ? '' : `, ${plural(retries, 'retry', 'retries')}`;
    const took = `${formatSeconds(seconds)}, ${rate} lines/s${again}`;
    await io.out(`${plural(lines, 'line')} (${formatBytes(bytes)}) in ${took}\n`);
    if (refusedBatches > 0) {
      io.err(`${plural(refusedBatches, 'batch', 'batches')} not taken in full by the server:\n`);
      for (const reason of reasons) io.err(`  ${reason}\n`);
    }
  }
  return refusedBatches > 0 ? 1 : 0;
}
