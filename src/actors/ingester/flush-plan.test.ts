import { describe, expect, it } from 'vitest';
import { entriesOf, type Row, rowText } from '../../../test/support/entries.js';
import type { BuildInput } from '../../storage/dataobj/types.js';
import { formatLabels } from '../../wire/labels.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { planFlush, windowStart } from './flush-plan.js';
import { Memtable } from './memtable.js';
import { DEFAULT_INGESTER_SETTINGS } from './settings.js';
import { takeBatch } from './staging.js';
import { initialState } from './state.js';
import { Undo } from './undo.js';

const A = '{app="a"}';
const B = '{app="b"}';

function tableOf(...batches: readonly { streams: Record<string, readonly Row[]>; tenant?: string }[]): Memtable {
  const state = initialState(DEFAULT_INGESTER_SETTINGS, {
    limits: () => DEFAULT_LIMITS,
    fingerprint: () => 0n,
    life: '',
  });
  const table = new Memtable(1, 5, 0);
  batches.forEach(({ streams, tenant }, i) => {
    table.add(takeBatch(state, entriesOf(streams, tenant), 5 + i, new Undo())!, 0);
  });
  return table;
}

/** Windows of 1 ms. */
function plan(table: Memtable): BuildInput[] {
  return planFlush({ table, toSeq: 9 }, 'me', 1);
}

function rows({ batches, runs, streams }: BuildInput): string[] {
  const found: string[] = [];
  for (let i = 0; i < runs.length; i += 4) {
    for (let row = runs[i + 1]!; row < runs[i + 2]!; row++) {
      found.push(`${formatLabels(streams[runs[i + 3]!]!.labels)} ${rowText(batches[runs[i]!]!, row)}`);
    }
  }
  return found;
}

describe('a flush', () => {
  it('keeps the order of arrival within a window and says where the rows come from', () => {
    const inputs = plan(
      tableOf(
        {
          streams: {
            [B]: [[3, 'b1']],
            [A]: [
              [1, 'a1'],
              [0, 'a0'],
            ],
          },
        },
        { streams: { [A]: [[9, 'a9']] } },
      ),
    );
    expect(inputs.map(({ tenant, window, source }) => ({ tenant, window, source }))).toEqual([
      { tenant: 'tenant', window: { start: 0n, end: 1_000_000n }, source: { writer: 'me', fromSeq: 5, toSeq: 9 } },
    ]);
    expect(rows(inputs[0]!)).toEqual([`${B} 3 b1 {}`, `${A} 1 a1 {}`, `${A} 0 a0 {}`, `${A} 9 a9 {}`]);
  });

  it('cuts runs where the window changes, also before 1970', () => {
    const inputs = plan(
      tableOf({
        streams: {
          [A]: [
            [999_999, 'x'],
            [1_000_000, 'y'],
            [-1, 'z'],
            [1_999_999, 'w'],
            [1, 'v'],
          ],
        },
      }),
    );
    expect(inputs.map((input) => [input.window.start, rows(input)])).toEqual([
      [-1_000_000n, [`${A} -1 z {}`]],
      [0n, [`${A} 999999 x {}`, `${A} 1 v {}`]],
      [1_000_000n, [`${A} 1000000 y {}`, `${A} 1999999 w {}`]],
    ]);
  });

  it('gives a window only the batches and streams it needs', () => {
    const inputs = plan(
      tableOf({ streams: { [A]: [[1, 'a']], [B]: [[1_000_000, 'b']] } }, { streams: { [B]: [[1_000_001, 'c']] } }),
    );
    expect(inputs.map(({ batches, streams }) => [batches.length, streams])).toEqual([
      [1, [{ labels: [['app', 'a']] }]],
      [2, [{ labels: [['app', 'b']] }]],
    ]);
  });

  it('keeps tenants apart', () => {
    const inputs = plan(
      tableOf({ streams: { [A]: [[1, 'one']] } }, { streams: { [A]: [[1, 'one']] }, tenant: 'other' }),
    );
    expect(inputs.map((input) => [input.tenant, rows(input)])).toEqual([
      ['tenant', [`${A} 1 one {}`]],
      ['other', [`${A} 1 one {}`]],
    ]);
  });

  it('puts a time at the start of a window into that window', () => {
    expect([-11n, -10n, -1n, 0n, 9n, 10n].map((time) => windowStart(time, 10n))).toEqual([
      -20n,
      -10n,
      -10n,
      0n,
      0n,
      10n,
    ]);
  });
});
