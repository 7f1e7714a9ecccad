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

/** 1 for each stream that matches and has rows (by its first and last time) in the range. */
export function matchStreams(
  streams: StreamsTable,
  matchers: readonly StreamMatcher[],
  range: TimeRange,
): { readonly flags: Uint8Array; readonly count: number } {
  const flags = new Uint8Array(streams.count);
  const start = Number(range.start - streams.base);
  const end = Number(range.end - streams.base);
  for (let s = 0; s < streams.count; s++) {
    if (streams.maxTime[s]! >= start && streams.minTime[s]! < end) flags[s] = 1;
  }
  for (const matcher of matchers) applyMatcher(streams, matcher, flags);
  let count = 0;
  for (let s = 0; s < flags.length; s++) count += flags[s]!;
  return { flags, count };
}

function applyMatcher(streams: StreamsTable, matcher: StreamMatcher, flags: Uint8Array): void {
  const column = streams.columns.find(({ name }) => name === matcher.name);
  if (column === undefined) {
    if (!matcher.matches('')) flags.fill(0);
    return;
  }
  const { values, ids } = column;
  const verdicts = new Uint8Array(values.length);
  for (let id = 0; id < values.length; id++) if (matcher.matches(values[id]!)) verdicts[id] = 1;
  const ofMissing = matcher.matches('') ? 1 : 0;
  for (let s = 0; s < flags.length; s++) {
    const id = ids[s]!;
    if ((id < 0 ? ofMissing : verdicts[id]) === 0) flags[s] = 0;
  }
}
