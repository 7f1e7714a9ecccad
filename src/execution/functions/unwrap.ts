import type { RowFunction } from '../../planning/physical/expression.js';
import { PerValue } from '../batch/column.js';
import { convertBytes, convertDuration, convertNumber } from '../extract/convert.js';
import type { RowStep } from './row-step.js';

type Unwrap = Extract<RowFunction, { kind: 'unwrap' }>;

/** `unwrap` (A69, A70): no label, no sample; a value that cannot be read becomes 0 and marks its row. */
export function compileUnwrap({ label, conversion, keepLabel }: Unwrap): RowStep {
  const convert = converter(conversion);
  /** The number, or why there is none. */
  const perValue = new PerValue((text): number | string => {
    try {
      return convert(text);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  return (batch) => {
    const column = batch.resolve({ kind: 'column', type: 'ambiguous', name: label });
    const values = new Float64Array(batch.rows);
    const rows = new Int32Array(column ? batch.count : 0);
    let kept = 0;
    const converted = column && perValue.of(column.values);
    for (let i = 0; column && converted && i < batch.count; i++) {
      const row = batch.row(i);
      const id = column.ids[row]!;
      if (id < 0 || column.values[id] === '') continue;
      const value = converted.get(id);
      if (typeof value === 'number') values[row] = value;
      else batch.setError(row, 'SampleExtractionErr', value, true);
      rows[kept++] = row;
    }
    batch.select(rows, kept);
    batch.value = values;
    if (!keepLabel) batch.remove(label);
  };
}

function converter(conversion: Unwrap['conversion']): (text: string) => number {
  switch (conversion) {
    case 'none':
      return convertNumber;
    case 'bytes':
      return convertBytes;
    case 'duration':
    case 'duration_seconds':
      return (text) => convertDuration(text) / 1e9;
  }
}
