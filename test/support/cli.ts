/** Command lines without a process. */
import { Readable } from 'node:stream';
import type { CommandIo } from '../../src/cli/command.js';
import { main } from '../../src/cli/main.js';

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CommandWorld {
  readonly stdin?: string | readonly Uint8Array[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly terminal?: boolean;
  readonly serve?: Parameters<typeof main>[2];
}

/** 2026-11-02T00:00:00Z */
export const NOW_MS = 1793577600_000;

export async function run(args: readonly string[], world: CommandWorld = {}): Promise<CommandResult> {
  const { stdin = '', environment = {}, terminal = false, serve = async () => {} } = world;
  let out = '';
  let err = '';
  const io: CommandIo = {
    stdin: Readable.from(typeof stdin === 'string' ? [Buffer.from(stdin)] : stdin, { objectMode: false }),
    out: async (text) => {
      out += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
    },
    err: (text) => {
      err += text;
    },
    environment,
    now: () => NOW_MS,
    outIsTerminal: terminal,
    errIsTerminal: terminal,
  };
  const code = await main(args, io, serve);
  return { code, out, err };
}
