import type { CompareOp, Predicate } from '../../planning/physical/expression.js';
import { PerValue } from '../batch/column.js';
import { convertBytes, convertDuration, convertNumber } from '../extract/convert.js';
import type { RowFilter } from './row-filter.js';

type Comparison = Extract<Predicate, { kind: 'compare' }>;

/** What a value's text amounts to: a verdict, or the reason it could not be read. */
type Verdict = boolean | string;

/**
 * Label against a number, duration or size (A56): a row without the label is dropped; a value that cannot be read keeps
 * its row and marks it, unless the row has an error already.
 */
export function compileTypedComparison(comparison: Comparison): RowFilter {
  const { column, literal } = comparison;
  const wanted = Number(literal.value);
  const compare = comparator(comparison.op, wanted);
  const convert =
    literal.type === 'duration' ? convertDuration : literal.type === 'bytes' ? convertBytes : convertNumber;
  const verdicts = new PerValue((text): Verdict => {
    try {
      return compare(convert(text));
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  return (batch, rows, count, keep) => {
    const found = column.name === '__error__' ? undefined : batch.resolve(column); // A58
    if (!found) return 0;
    const verdict = verdicts.of(found.values);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows ? rows[i]! : i;
      const id = found.ids[row]!;
      if (id < 0) continue;
      const outcome = verdict.get(id);
      if (outcome === false) continue;
      if (typeof outcome === 'string') batch.setError(row, 'LabelFilterErr', outcome, false);
      keep[kept++] = row;
    }
    return kept;
  };
}

function comparator(op: CompareOp, wanted: number): (value: number) => boolean {
  switch (op) {
    case 'EQ':
      return (value) => value === wanted;
    case 'NEQ':
      return (value) => value !== wanted;
    case 'GT':
      return (value) => value > wanted;
    case 'GTE':
      return (value) => value >= wanted;
    case 'LT':
      return (value) => value < wanted;
    case 'LTE':
      return (value) => value <= wanted;
    default:
      throw new Error(`${op} does not compare numbers`);
  }
}
