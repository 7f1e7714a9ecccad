import { compileCaptures } from '../regex/captures.js';

/** Text of rows: row i is bytes[offsets[i]..offsets[i+1]). */
export interface TextRows {
  readonly offsets: Int32Array;
  readonly bytes: Buffer;
}

/** Escape sequences as Loki recognises them: the expression of the `ansi-regex` package (MIT). */
const ESCAPE = compileCaptures(
  '[\\x1b\\x{9b}][[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\x07)' +
    '|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))',
);

const ESC = 0x1b;
const CSI = Buffer.from('\u009b');

/**
 * The selected rows without ANSI escape sequences; `rows` null selects 0..count. Other rows become empty, unless there
 * is nothing to take away at all: then the columns are returned as they are.
 */
export function decolorizeRows(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number): TextRows {
  const total = offsets.length - 1;
  const run = bytes.subarray(offsets[0]!, offsets[total]!);
  if (!run.includes(ESC) && !run.includes(CSI)) return { offsets, bytes };
  const out = Buffer.allocUnsafeSlow(run.length);
  const outOffsets = new Int32Array(total + 1);
  let end = 0;
  let next = 0;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i]!;
    outOffsets.fill(end, next, row + 1);
    end = copyPlain(bytes, offsets[row]!, offsets[row + 1]!, out, end);
    next = row + 1;
  }
  outOffsets.fill(end, next);
  return { offsets: outOffsets, bytes: out.subarray(0, end) };
}

/** Copies bytes[start..end) without escape sequences and returns where the copy ends. */
function copyPlain(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
  const span = new Int32Array(2);
  let target = at;
  let from = start;
  while (from < end && ESCAPE.find(bytes, from, end, span)) {
    target += bytes.copy(out, target, from, span[0]);
    from = span[1]!;
  }
  return target + bytes.copy(out, target, from, end);
}
