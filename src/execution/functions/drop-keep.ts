import type { LabelPick } from '../../planning/physical/expression.js';
import type { LogBatch } from '../batch/log-batch.js';
import { DETAILS_LABEL, ERROR_LABEL } from '../batch/log-batch.js';
import { compileMatch } from '../matchers.js';
import type { RowStep } from './row-step.js';

/** Rows alive whose value of a name passes a test; null when none has the name. */
function rowsWhere(batch: LogBatch, name: string, test: (value: string) => boolean): Int32Array {
  const column = batch.resolve({ kind: 'column', type: 'ambiguous', name });
  const rows = new Int32Array(column ? batch.count : 0);
  let found = 0;
  if (column) {
    for (let i = 0; i < batch.count; i++) {
      const row = batch.row(i);
      const id = column.ids[row]!;
      if (id >= 0 && test(column.values[id]!)) rows[found++] = row;
    }
  }
  return rows.subarray(0, found);
}

function pickTest({ op, value = '' }: LabelPick): (text: string) => boolean {
  return op === undefined ? () => true : compileMatch(op, value);
}

/** `drop a, b="x"` (A68): takes names away, conditionally where a matcher is given. */
export function compileDrop(picks: readonly LabelPick[]): RowStep {
  const tests = picks.map((pick) => ({ name: pick.name, always: pick.op === undefined, test: pickTest(pick) }));
  return (batch) => {
    for (const { name, always, test } of tests) {
      if (always) batch.remove(name);
      else batch.remove(name, rowsWhere(batch, name, test));
    }
  };
}

/** `keep a, b="x"` (A68): takes every other name away, but never the error labels. */
export function compileKeep(picks: readonly LabelPick[]): RowStep {
  const tests = new Map<string, (text: string) => boolean>();
  for (const pick of picks) {
    const before = tests.get(pick.name);
    const test = pickTest(pick);
    tests.set(pick.name, before ? (text) => before(text) || test(text) : test);
  }
  return (batch) => {
    const names = new Set([...batch.names('label'), ...batch.names('metadata'), ...batch.names('parsed')]);
    for (const name of names) {
      if (name === ERROR_LABEL || name === DETAILS_LABEL) continue;
      const test = tests.get(name);
      if (!test) batch.remove(name);
      else
        batch.remove(
          name,
          rowsWhere(batch, name, (text) => !test(text)),
        );
    }
  };
}
