import { MESSAGE, type Predicate } from '../../planning/physical/expression.js';
import { unreachable } from '../../wire/exhaustive.js';
import { compileLineComparison } from './line-comparison.js';
import type { RowFilter } from './row-filter.js';
import { compileStringComparison } from './string-comparison.js';
import { compileTypedComparison } from './typed-comparison.js';

/** Compiles a condition once per task. Times are not compared here: scans cut by time themselves. */
export function compilePredicate(predicate: Predicate): RowFilter {
  return compile(predicate, false);
}

/** `optional`: a row that fails may yet be kept by an OR above, so errors that AND finds on its right side count. */
function compile(predicate: Predicate, optional: boolean): RowFilter {
  switch (predicate.kind) {
    case 'and': {
      const left = compile(predicate.left, optional);
      const right = compile(predicate.right, optional);
      if (optional) return both(left, right);
      return (batch, rows, count, keep) => right(batch, keep, left(batch, rows, count, keep), keep);
    }
    case 'or':
      return either(compile(predicate.left, true), compile(predicate.right, true));
    case 'not':
      return not(compile(predicate.inner, true));
    case 'compare': {
      const { column, literal } = predicate;
      if (column.type === 'builtin' && column.name === MESSAGE.name) return compileLineComparison(predicate);
      return literal.type === 'string' ? compileStringComparison(predicate) : compileTypedComparison(predicate);
    }
    default:
      return unreachable(predicate);
  }
}

/** The right side sees only rows the left one refused, so it sets no error on a row that is already in (A59). */
function either(left: RowFilter, right: RowFilter): RowFilter {
  return (batch, rows, count, keep) => {
    const first = new Int32Array(count);
    const firstCount = left(batch, rows, count, first);
    const rest = new Int32Array(count - firstCount);
    const restCount = without(rows, count, first, firstCount, rest);
    const secondCount = right(batch, rest, restCount, rest);
    return merge(first, firstCount, rest, secondCount, keep);
  };
}

/** AND that evaluates both sides on every row (A59). */
function both(left: RowFilter, right: RowFilter): RowFilter {
  return (batch, rows, count, keep) => {
    const first = new Int32Array(count);
    const firstCount = left(batch, rows, count, first);
    const second = new Int32Array(count);
    const secondCount = right(batch, rows, count, second);
    let kept = 0;
    for (let i = 0, j = 0; i < firstCount && j < secondCount; ) {
      if (first[i] === second[j]) {
        keep[kept++] = first[i++]!;
        j++;
      } else if (first[i]! < second[j]!) i++;
      else j++;
    }
    return kept;
  };
}

function not(inner: RowFilter): RowFilter {
  return (batch, rows, count, keep) => {
    const dropped = new Int32Array(count);
    const droppedCount = inner(batch, rows, count, dropped);
    return without(rows, count, dropped, droppedCount, keep);
  };
}

/** rows minus taken; both ascending. `out` may be `rows`. */
function without(
  rows: Int32Array | null,
  count: number,
  taken: Int32Array,
  takenCount: number,
  out: Int32Array,
): number {
  let kept = 0;
  for (let i = 0, t = 0; i < count; i++) {
    const row = rows ? rows[i]! : i;
    if (t < takenCount && taken[t] === row) t++;
    else out[kept++] = row;
  }
  return kept;
}

function merge(a: Int32Array, aCount: number, b: Int32Array, bCount: number, out: Int32Array): number {
  let n = 0;
  for (let i = 0, j = 0; i < aCount || j < bCount; ) {
    if (j >= bCount || (i < aCount && a[i]! < b[j]!)) out[n++] = a[i++]!;
    else out[n++] = b[j++]!;
  }
  return n;
}
