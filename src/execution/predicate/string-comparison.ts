import type { Predicate } from '../../planning/physical/expression.js';
import { PerValue } from '../batch/column.js';
import type { LogBatch } from '../batch/log-batch.js';
import { compileIpMatcher } from '../kernels/ip-filter.js';
import { compileStringMatcher } from '../regex/compile.js';
import type { RowFilter } from './row-filter.js';

type Comparison = Extract<Predicate, { kind: 'compare' }>;

/** Label against text: an absent label is "". Each distinct value that rows have is judged once per dictionary. */
export function compileStringComparison(comparison: Comparison): RowFilter {
  const test = textTest(comparison);
  const verdicts = new PerValue(test);
  const absent = absentVerdict(comparison, test);
  const { column } = comparison;
  const keepsErrors = comparison.op === 'MATCH_IP' || comparison.op === 'NOT_MATCH_IP';
  return (batch, rows, count, keep) => {
    if (keepsErrors && batch.hasErrors) return keepErroneous(batch, comparison, verdicts, rows, count, keep);
    const found = batch.resolve(column);
    if (!found) return absent ? copyRows(rows, count, keep) : 0;
    const verdict = verdicts.of(found.values);
    const { ids } = found;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows ? rows[i]! : i;
      const id = ids[row]!;
      if (id < 0 ? absent : verdict.get(id)) keep[kept++] = row;
    }
    return kept;
  };
}

/** Like a typed comparison, an IP filter leaves rows alone that have an error already (A57). */
function keepErroneous(
  batch: LogBatch,
  { column }: Comparison,
  verdicts: PerValue<boolean>,
  rows: Int32Array | null,
  count: number,
  keep: Int32Array,
): number {
  const errors = batch.errorColumn('kinds')!.ids;
  const found = batch.resolve(column);
  const verdict = found && verdicts.of(found.values);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = rows ? rows[i]! : i;
    const id = found ? found.ids[row]! : -1;
    if (errors[row]! >= 0 || (id >= 0 && verdict?.get(id))) keep[kept++] = row;
  }
  return kept;
}

/** An IP filter drops rows without the label whatever its sign (A57); text comparisons see "". */
function absentVerdict({ op }: Comparison, test: (text: string) => boolean): boolean {
  return op === 'MATCH_IP' || op === 'NOT_MATCH_IP' ? false : test('');
}

function textTest({ op, literal }: Comparison): (text: string) => boolean {
  const wanted = String(literal.value);
  switch (op) {
    case 'EQ':
      return (text) => text === wanted;
    case 'NEQ':
      return (text) => text !== wanted;
    case 'MATCH_STR':
      return (text) => text.includes(wanted);
    case 'NOT_MATCH_STR':
      return (text) => !text.includes(wanted);
    case 'MATCH_STR_CASE_INSENSITIVE':
      return (text) => text.toUpperCase().includes(wanted.toUpperCase());
    case 'NOT_MATCH_STR_CASE_INSENSITIVE':
      return (text) => !text.toUpperCase().includes(wanted.toUpperCase());
    case 'MATCH_RE':
      return compileStringMatcher(wanted, { mode: 'full', dotAll: false });
    case 'NOT_MATCH_RE': {
      const matches = compileStringMatcher(wanted, { mode: 'full', dotAll: false });
      return (text) => !matches(text);
    }
    case 'MATCH_IP':
      return compileIpMatcher(wanted);
    case 'NOT_MATCH_IP': {
      const matches = compileIpMatcher(wanted);
      return (text) => !matches(text);
    }
    default:
      throw new Error(`${op} does not compare a label with text`);
  }
}

export function copyRows(rows: Int32Array | null, count: number, keep: Int32Array): number {
  if (rows !== keep) for (let i = 0; i < count; i++) keep[i] = rows ? rows[i]! : i;
  return count;
}
