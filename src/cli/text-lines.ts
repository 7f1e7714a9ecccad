import { CommandError } from './command-error.js';

/** Beyond this a file is no text log, and would only fill the memory. */
const LINE_LENGTH_MAX = 16 * 1024 * 1024;

/**
 * The lines of a stream of bytes, a block at a time: without line ends (`\n` or `\r\n`), invalid UTF-8 replaced by
 * U+FFFD, a byte order mark dropped. The last line needs no line end.
 */
export async function* lineBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<string[], void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    if (rest.length > LINE_LENGTH_MAX) throw new CommandError('no line end within 16 MB; is this a text log?');
    if (lines.length > 0) yield lines.map(withoutReturn);
  }
  rest += decoder.decode();
  if (rest !== '') yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.replace(/\r+$/, '') : line;
}
