/** Pairs of logfmt, and where it is broken (A46). */
export interface LogfmtPair {
  readonly key: string;
  readonly value: string;
}

export type LogfmtPart = { readonly pair: LogfmtPair } | { readonly error: string };

export function* logfmtParts(line: string): Generator<LogfmtPart> {
  let at = 0;
  for (;;) {
    while (at < line.length && line.charCodeAt(at) <= 32) at++;
    if (at >= line.length) return;
    const part = partAt(line, at);
    yield part;
    at = part.end;
  }
}

function partAt(line: string, at: number): LogfmtPart & { end: number } {
  const key = /^[^\x00- ="]*/.exec(line.slice(at))![0];
  const next = at + key.length;
  const skip = (error: string, pos: number): { error: string; end: number } => ({
    error: `logfmt syntax error at pos ${Buffer.byteLength(line.slice(0, pos)) + 1} : ${error}`,
    end: endOfWord(line, pos),
  });
  if (key === '') return skip(`unexpected '${line[at]}'`, at);
  if (line[next] === '"') return skip(`unexpected '"'`, next);
  if (line[next] !== '=') return { pair: { key, value: '' }, end: next };
  const from = next + 1;
  if (line[from] === '"') return quotedAt(line, key, from, skip);
  const value = /^[^\x00- ="]*/.exec(line.slice(from))![0];
  const end = from + value.length;
  if (line[end] === '"' || line[end] === '=') return skip(`unexpected '${line[end]}'`, end);
  return { pair: { key, value }, end };
}

function quotedAt(
  line: string,
  key: string,
  from: number,
  skip: (error: string, pos: number) => { error: string; end: number },
): LogfmtPart & { end: number } {
  let at = from + 1;
  while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1;
  if (at >= line.length) return { ...skip('unterminated quoted value', line.length), end: line.length };
  try {
    return { pair: { key, value: JSON.parse(line.slice(from, at + 1)) as string }, end: at + 1 };
  } catch {
    return { ...skip('invalid quoted value', at + 1), end: at + 1 };
  }
}

function endOfWord(line: string, from: number): number {
  let at = from;
  while (at < line.length && line.charCodeAt(at) > 32) at++;
  return at;
}
