import { FORMATS, type TimestampFormat } from './formats.js';
import { instantOf, type TimestampContext } from './instant.js';

/** Lines looked at before a format is chosen. */
export const SAMPLE_LINES = 200;
/** Fewer lines than this with a time are chance, not a format: stack traces have many lines without one. */
const LEAST_SHARE = 0.1;

/** The format that most of the lines are written in, or undefined when they carry no times. */
export function detectFormat(lines: readonly string[], context: TimestampContext): TimestampFormat | undefined {
  const sample = lines.filter((line) => line !== '').slice(0, SAMPLE_LINES);
  let best: TimestampFormat | undefined;
  let bestCount = Math.max(0, Math.ceil(sample.length * LEAST_SHARE) - 1);
  for (const format of FORMATS) {
    const count = sample.filter((line) => instantOf(line, format, context) !== undefined).length;
    if (count <= bestCount) continue;
    best = format;
    bestCount = count;
  }
  return best;
}
