import type { Readable } from 'node:stream';

/** A client command of `skald`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly usage: string;
  /** Resolves to the exit code. Throws a CommandError for what the user can put right. */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}

/** The world around a command, so that tests need no process. */
export interface CommandIo {
  readonly stdin: Readable;
  /** Answers: resolves when there is room for more. */
  out(text: string | Uint8Array): Promise<void>;
  /** Remarks and progress. */
  err(text: string): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
}
