import type { Predicate } from '../../planning/physical/expression.js';
import { encodeGoString } from '../../wire/go-string.js';
import { NotMatcher } from '../kernels/combine.js';
import { containsRows, containsRowsIgnoreCase } from '../kernels/find-substring.js';
import { compileIpLineFilter } from '../kernels/ip-filter.js';
import type { LineMatcher } from '../kernels/line-matcher.js';
import { compilePatternFilter } from '../kernels/pattern-filter.js';
import { compileLineMatcher } from '../regex/compile.js';
import type { RowFilter } from './row-filter.js';

type Comparison = Extract<Predicate, { kind: 'compare' }>;
type LineKernel = (
  offsets: Int32Array,
  bytes: Buffer,
  rows: Int32Array | null,
  count: number,
  keep: Int32Array,
) => number;

/** The log line against text, a regular expression, a pattern or an address: kernels over bytes, no strings. */
export function compileLineComparison({ op, literal }: Comparison): RowFilter {
  const wanted = String(literal.value);
  switch (op) {
    case 'EQ':
    case 'NEQ': {
      const kernel = equalsKernel(needleOf(wanted));
      return over(kernel, op === 'NEQ');
    }
    case 'MATCH_STR':
    case 'NOT_MATCH_STR': {
      const needle = needleOf(wanted);
      return over(
        (offsets, bytes, rows, count, keep) => containsRows(offsets, bytes, needle, rows, count, keep),
        op === 'NOT_MATCH_STR',
      );
    }
    case 'MATCH_STR_CASE_INSENSITIVE':
    case 'NOT_MATCH_STR_CASE_INSENSITIVE': {
      const needle = needleOf(wanted);
      return over(
        (offsets, bytes, rows, count, keep) => containsRowsIgnoreCase(offsets, bytes, needle, rows, count, keep),
        op === 'NOT_MATCH_STR_CASE_INSENSITIVE',
      );
    }
    case 'MATCH_RE':
    case 'NOT_MATCH_RE': {
      const matcher = compileLineMatcher(wanted);
      return over(
        (offsets, bytes, rows, count, keep) => matcher.match(offsets, bytes, rows, count, keep),
        op === 'NOT_MATCH_RE',
      );
    }
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

function over(match: LineKernel, negated: boolean): RowFilter {
  const matcher: LineMatcher = negated ? new NotMatcher({ match }) : { match };
  return (batch, rows, count, keep) => {
    const { offsets, bytes } = batch.message;
    return matcher.match(offsets, bytes, rows, count, keep);
  };
}

function equalsKernel(wanted: Buffer): LineKernel {
  return (offsets, bytes, rows, count, keep) => {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows ? rows[i]! : i;
      const start = offsets[row]!;
      const end = offsets[row + 1]!;
      if (end - start === wanted.length && wanted.compare(bytes, start, end) === 0) keep[kept++] = row;
    }
    return kept;
  };
}
