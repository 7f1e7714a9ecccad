import type { Predicate } from '../../planning/physical/expression.js';
import { encodeGoString } from '../../wire/go-string.js';
import { NotMatcher } from '../kernels/combine.js';
import { IgnoreCaseMatcher } from '../kernels/ignore-case.js';
import { compileIpLineFilter } from '../kernels/ip-filter.js';
import { type LineMatcher, PredicateMatcher } from '../kernels/line-matcher.js';
import { compilePatternFilter } from '../kernels/pattern-filter.js';
import { ByteFinder, SubstringMatcher } from '../kernels/substring-matcher.js';
import { compileLineMatcher } from '../regex/compile.js';
import type { RowFilter } from './row-filter.js';

type Comparison = Extract<Predicate, { kind: 'compare' }>;

/** The log line against text, a regular expression, a pattern or an address: kernels over bytes, no strings. */
export function compileLineComparison({ op, literal }: Comparison): RowFilter {
  const wanted = String(literal.value);
  switch (op) {
    case 'EQ':
    case 'NEQ':
      return over(equalTo(needleOf(wanted)), op === 'NEQ');
    case 'MATCH_STR':
    case 'NOT_MATCH_STR':
      return over(new SubstringMatcher(new ByteFinder(needleOf(wanted))), op === 'NOT_MATCH_STR');
    case 'MATCH_STR_CASE_INSENSITIVE':
    case 'NOT_MATCH_STR_CASE_INSENSITIVE':
      return over(new IgnoreCaseMatcher('contains', needleOf(wanted)), op === 'NOT_MATCH_STR_CASE_INSENSITIVE');
    case 'MATCH_RE':
    case 'NOT_MATCH_RE':
      return over(compileLineMatcher(wanted), op === 'NOT_MATCH_RE');
    case 'MATCH_PAT':
    case 'NOT_MATCH_PAT':
      return over(compilePatternFilter(wanted), op === 'NOT_MATCH_PAT');
    case 'MATCH_IP':
    case 'NOT_MATCH_IP':
      return over(compileIpLineFilter(wanted), op === 'NOT_MATCH_IP');
    default:
      throw new Error(`${op} does not compare a line`);
  }
}

function needleOf(text: string): Buffer {
  const bytes = encodeGoString(text);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function over(match: LineMatcher, negated: boolean): RowFilter {
  const matcher = negated ? new NotMatcher(match) : match;
  return (batch, rows, count, keep) => {
    const { offsets, bytes } = batch.message;
    return matcher.match(offsets, bytes, rows, count, keep);
  };
}

function equalTo(wanted: Buffer): LineMatcher {
  return new PredicateMatcher(
    (bytes, start, end) => end - start === wanted.length && wanted.compare(bytes, start, end) === 0,
  );
}
