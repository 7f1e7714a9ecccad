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
  const start = Number(range.start - streams.base);
  const end = Number(range.end - streams.base);
  const found = new Int32Array(streams.count);
  for (let s = 0; s < found.length; s++) found[s] = s;
  let count = found.length;
  // Those that are equal to something leave fewest to look at.
  for (const matcher of matchers) if (matcher.op === '=') count = keepMatching(streams, matcher, found, count);
  for (const matcher of matchers) if (matcher.op !== '=') count = keepMatching(streams, matcher, found, count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const s = found[i]!;
    if (streams.maxTime[s]! >= start && streams.minTime[s]! < end) found[kept++] = s;
  }
  return found.slice(0, kept);
}

/** Of the first `count` streams of a list, those that a matcher means become the first. Returns how many these are. */
function keepMatching({ columns }: StreamsTable, matcher: StreamMatcher, found: Int32Array, count: number): number {
  const column = columns.find(({ name }) => name === matcher.name);
  if (column === undefined) return matcher.matches('') ? count : 0;
  const { ids, values } = column;
  let kept = 0;
  if (matcher.op === '=' && matcher.value !== '') {
    const wanted = placeOf(values, matcher.value);
    for (let i = 0; i < count; i++) if (ids[found[i]!] === wanted) found[kept++] = found[i]!;
    return kept;
  }
  const verdicts = new Uint8Array(values.length);
  for (let id = 0; id < values.length; id++) if (matcher.matches(values[id]!)) verdicts[id] = 1;
  const ofMissing = matcher.matches('') ? 1 : 0;
  for (let i = 0; i < count; i++) {
    const id = ids[found[i]!]!;
    if ((id < 0 ? ofMissing : verdicts[id]) === 1) found[kept++] = found[i]!;
  }
  return kept;
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
