import { CommandError } from '../command-error.js';

const POSITION = /^parse error at line (\d+), col (\d+)/;

/** A server's refusal of a query, with the query below it and a caret where it went wrong if the message says where. */
export function withCaret(error: unknown, query: string): unknown {
  const position = error instanceof CommandError ? POSITION.exec(error.message) : null;
  if (!(error instanceof CommandError) || position === null) return error;
  // Tokens of more than one character are reported at line 0.
  const line = query.split('\n')[Math.max(Number(position[1]) - 1, 0)] ?? '';
  const caret = `${' '.repeat(Math.max(Number(position[2]) - 1, 0))}^`;
  return new CommandError(`${error.message}\n  ${line}\n  ${caret}`);
}
