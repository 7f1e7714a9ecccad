/** Which streams of an object a selector means. */
import type { TimeRange } from '../../wire/time.js';
import type { StreamsTable } from '../dataobj/types.js';
import type { StreamMatcher } from './types.js';

/** Regular expressions that remember their verdicts: objects repeat label values, and expressions are slow. */
export function remembering(matchers: readonly StreamMatcher[]): StreamMatcher[] {
  return matchers.map((matcher) => {
    if (matcher.op === '=' || matcher.op === '!=') return matcher;
    const verdicts = new Map<string, boolean>();
    return {
      name: matcher.name,
      op: matcher.op,
      value: matcher.value,
      matches: (text) => {
        let verdict = verdicts.get(text);
        if (verdict === undefined) {
          verdict = matcher.matches(text);
          verdicts.set(text, verdict);
        }
        return verdict;
      },
    };
  });
}

/** The streams that match and have rows (by their first and last time) in the range, ascending. */
export function matchStreams(streams: StreamsTable, matchers: readonly StreamMatcher[], range: TimeRange): Int32Array {
  const flags = new Uint8Array(streams.count);
  const start = Number(range.start - streams.base);
  const end = Number(range.end - streams.base);
  for (let s = 0; s < streams.count; s++) {
    if (streams.maxTime[s]! >= start && streams.minTime[s]! < end) flags[s] = 1;
  }
  for (const matcher of matchers) applyMatcher(streams, matcher, flags);
  const found = new Int32Array(streams.count);
  let count = 0;
  for (let s = 0; s < flags.length; s++) if (flags[s] === 1) found[count++] = s;
  return found.slice(0, count);
}

function applyMatcher(streams: StreamsTable, matcher: StreamMatcher, flags: Uint8Array): void {
  const column = streams.columns.find(({ name }) => name === matcher.name);
  if (column === undefined) {
    if (!matcher.matches('')) flags.fill(0);
    return;
  }
  const { values, ids } = column;
  if (matcher.op === '=' && matcher.value !== '') {
    const wanted = placeOf(values, matcher.value);
    for (let s = 0; s < flags.length; s++) if (ids[s] !== wanted) flags[s] = 0;
    return;
  }
  const verdicts = new Uint8Array(values.length);
  for (let id = 0; id < values.length; id++) if (matcher.matches(values[id]!)) verdicts[id] = 1;
  const ofMissing = matcher.matches('') ? 1 : 0;
  for (let s = 0; s < flags.length; s++) {
    const id = ids[s]!;
    if ((id < 0 ? ofMissing : verdicts[id]) === 0) flags[s] = 0;
  }
}

const NOWHERE = -2;

/** Of a value among sorted ones: most objects have hundreds of a label's. */
function placeOf(values: readonly string[], value: string): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return values[low] === value ? low : NOWHERE;
}
