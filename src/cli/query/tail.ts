/** Following a query at the command line. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { CommandIo } from '../command.js';
import { CommandError } from '../command-error.js';
import { plural } from '../human.js';
import type { ServerClient } from '../server-client.js';
import { streamsOf } from './answer.js';
import { entriesOf } from './entries.js';
import type { EntryPrinter } from './print.js';

export interface TailQuestion {
  readonly text: string;
  readonly start: bigint;
  readonly limit: number;
  readonly delaySeconds: number;
}

/** The connection broke, with no word why (RFC 6455, section 7.4.1). */
const ABNORMAL = 1006;
const MAX_DURATION = 'reached tail max duration limit';
const RECONNECT_MS = 1000;
const RECONNECTS_MAX = 10;

const message = z.object({
  streams: streamsOf,
  dropped_entries: z.array(z.object({ timestamp: z.string() })).nullish(),
});

/**
 * Prints the past, then what comes, until the server ends it, which is a CommandError. A connection that breaks, or was
 * open for as long as the server allows, is opened again where it was.
 */
export async function printTail(
  client: ServerClient,
  question: TailQuestion,
  printer: EntryPrinter,
  io: CommandIo,
): Promise<never> {
  let { start } = question;
  const print = async (text: string): Promise<void> => {
    const { streams, dropped_entries: dropped } = parseMessage(text);
    const entries = entriesOf({ resultType: 'streams', result: streams }, true);
    if (entries.length > 0 && entries.at(-1)!.time >= start) start = entries.at(-1)!.time + 1n;
    await io.out(printer.page(entries).text);
    if (dropped?.length) io.err(`${plural(dropped.length, 'line')} left out: they came faster than they were read\n`);
  };
  for (let attempts = 0; ; attempts++) {
    const before = start;
    const { code, reason } = await follow(
      await client.webSocket(TAIL_PATH, parametersOf({ ...question, start })),
      print,
    );
    if (start > before) attempts = 0;
    const isBroken = code === ABNORMAL && attempts < RECONNECTS_MAX;
    if (!isBroken && reason !== MAX_DURATION) throw new CommandError(reason || `the server closed the tail (${code})`);
    if (isBroken) await delay(RECONNECT_MS);
  }
}

const TAIL_PATH = '/loki/api/v1/tail';

function parametersOf({ text, start, limit, delaySeconds }: TailQuestion): [string, string][] {
  return [
    ['query', text],
    ['start', String(start)],
    ['limit', String(limit)],
    ['delay_for', String(delaySeconds)],
  ];
}

/** Reads no more while something is being printed. */
async function follow(
  socket: WebSocket,
  print: (text: string) => Promise<void>,
): Promise<{ readonly code: number; readonly reason: string }> {
  let printed = Promise.resolve();
  const failed = new Promise<never>((_, reject) => {
    socket.on('message', (data) => {
      socket.pause();
      printed = printed.then(() => print(String(data))).then(() => socket.resume());
      printed.catch(reject);
    });
  });
  try {
    // An error is followed by `close`.
    socket.on('error', () => undefined);
    socket.resume();
    const [code, reason] = await Promise.race([once(socket, 'close'), failed]);
    await printed;
    return { code: Number(code), reason: String(reason) };
  } finally {
    socket.terminate();
  }
}

function parseMessage(text: string): z.infer<typeof message> {
  try {
    return message.parse(JSON.parse(text));
  } catch {
    throw new CommandError('the server sent something that is no part of a tail; is it a Skald or Loki server?');
  }
}
