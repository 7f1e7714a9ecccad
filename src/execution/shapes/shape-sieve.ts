import type { Shapes } from '../../storage/dataobj/types.js';
import { IgnoreCaseMatcher } from '../kernels/ignore-case.js';
import type { LineMatcher } from '../kernels/line-matcher.js';
import { ByteFinder, SubstringMatcher } from '../kernels/substring-matcher.js';

/** A text that lines contain, in lower case where case does not matter. */
export interface Needle {
  readonly text: string;
  readonly ignoreCase: boolean;
}

/**
 * The numbers of shapes whose lines may contain one of the needles, found by searching all shapes at once; undefined when
 * that cannot be told, because a needle may lie in what marks stand for.
 */
export function sieveOf(needles: readonly Needle[]): ((shapes: Shapes) => Uint8Array) | undefined {
  if (needles.length === 0 || needles.length > NEEDLES_MAX || needles.some(mayMeetMark)) return undefined;
  const matchers = needles.map(matcherOf);
  return (shapes) => {
    const possible = new Uint8Array(shapes.count);
    if (shapes.count === 0) return possible;
    const rows = new Int32Array(shapes.count);
    // Between two texts lies the length of the second, which may make a shape possible in vain.
    const offsets = new Int32Array(shapes.count + 1);
    offsets.set(shapes.starts);
    offsets[shapes.count] = shapes.ends[shapes.count - 1]!;
    for (const matcher of matchers) {
      const found = matcher.match(offsets, shapes.bytes, null, shapes.count, rows);
      for (let i = 0; i < found; i++) possible[rows[i]!] = 1;
    }
    return possible;
  };
}

/** Each is a search of its own. */
const NEEDLES_MAX = 8;

function matcherOf({ text, ignoreCase }: Needle): LineMatcher {
  const bytes = Buffer.from(text);
  return ignoreCase ? new IgnoreCaseMatcher('contains', bytes) : new SubstringMatcher(new ByteFinder(bytes));
}

/**
 * A needle meets what a mark stands for (dataobj/logs/shape.ts) only with a digit, or with hexadecimal letters at its start or
 * end that may be the rest of a word: marks stand for whole words, or for digits. Where case does not matter, `k` and `s` are also the
 * Kelvin sign and the long s, which end words as all does that is not ASCII.
 */
function mayMeetMark({ text, ignoreCase }: Needle): boolean {
  return text === '' || (ignoreCase ? MEETS_IN_ANY_CASE : MEETS).test(text);
}

const MEETS = /[0-9]|^[a-f]+(?![a-zA-Z])|(?<![a-zA-Z])[a-f]+$/;
const MEETS_IN_ANY_CASE = /[0-9]|^[a-f]+(?![a-jl-rt-z])|(?<![a-jl-rt-z])[a-f]+$/;
