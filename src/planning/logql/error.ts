/**
 * A query that is not LogQL, or says something LogQL does not allow. `message` is the text Loki puts on the wire.
 * `line` is 0 when it is unknown, or (as in Loki) when the offending token is of two parts, e.g. `|=` or `[5m]`.
 */
export class LogQLError extends Error {
  override readonly name = 'LogQLError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, line = 0, column = 0) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** Words an error as Loki does: `parse error at line 1, col 8: …`, or `parse error : …` when it has no position. */
export function parseError(detail: string, line = 0, column = 0): LogQLError {
  const where = line === 0 && column === 0 ? ' ' : ` at line ${line}, col ${column}`;
  return new LogQLError(`parse error${where}: ${detail}`, line, column);
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset, both from 1, columns in code points. An empty text has no position at all. */
export function positionAt(text: string, offset: number): Position {
  if (text === '') return { line: 0, column: 0 };
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  let column = 1;
  for (let at = lineStart; at < offset; at++) {
    const code = text.charCodeAt(at);
    if (code < 0xdc00 || code > 0xdfff) column++;
  }
  return { line, column };
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
