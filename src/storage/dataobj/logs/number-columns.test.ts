import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputOf } from '../../../../test/support/build-input.js';
import { memoryReader } from '../../../../test/support/read-object.js';
import { numbersOf } from '../../../../test/support/shape.js';
import { openObject } from '../object.js';
import { DEFAULT_BUILD_SETTINGS, numberColumn } from '../types.js';
import { buildLogsObject } from './builder.js';
import { NUMBER_COLUMNS } from './number-slots.js';

const SETTINGS = { ...DEFAULT_BUILD_SETTINGS, pageBytesMin: 60, pageBytesMax: 200, pageRowsMax: 7, rowsPerShapeMin: 0 };

/** Lines in the order they are stored, each with what its section has in the columns of numbers. */
async function storedNumbers(lines: readonly string[]): Promise<[string, number[]][]> {
  const rows = lines.map((line, i) => ({ labels: { app: 'a' }, time: BigInt(i) * 1000n, line }));
  const object = await openObject(memoryReader(buildLogsObject(inputOf([rows]), SETTINGS).bytes), 'x');
  const section = await object.section(0);
  const { pages, columns } = section.pointers;
  const all = [...pages.rows.keys()];
  const names = columns.map(({ name }) => name);
  const kept = Array.from({ length: NUMBER_COLUMNS }, (_, n) => n).filter((n) => names.includes(numberColumn(n)));
  const fetched = await section.fetch(['message', ...kept.map(numberColumn)], all);
  return all.flatMap((page) => {
    const { offsets, bytes } = fetched.messages(page);
    const numbers = kept.map((n) => fetched.numbers(n, page));
    const [first, last] = [page % 3, Math.max(page % 3, pages.rows[page]! - (page % 2))];
    kept.forEach((n, i) => {
      expect(fetched.numbers(n, page, first, last)).toEqual(numbers[i]!.slice(first, last));
    });
    return Array.from({ length: pages.rows[page]! }, (_, row): [string, number[]] => [
      bytes.utf8Slice(offsets[row]!, offsets[row + 1]!),
      Array.from({ length: NUMBER_COLUMNS }, (_, n) => numbers[kept.indexOf(n)]?.[row] ?? Number.NaN),
    ]);
  });
}

const word = fc.oneof(
  fc.nat({ max: 2000 }).map(String),
  fc.constantFrom(
    '007',
    '0',
    '123456789012345',
    '1234567890123456',
    '9'.repeat(30),
    '12ab',
    'ab12',
    '3ms',
    '5e1',
    '1.5',
  ),
  fc.constantFrom(
    '"status":',
    'took=',
    ' ',
    '"',
    ',',
    '}',
    ':',
    '=',
    'x',
    'é',
    '[',
    ')',
    '10.0.0.1',
    '2026-11-01T00:00:05Z',
  ),
);
const line = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));

describe('the columns of numbers', () => {
  it('have the first whole numbers that stand for themselves, and nothing that would not be read back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), async (lines) => {
        for (const [stored, numbers] of await storedNumbers(lines)) {
          const expected = numbersOf(stored);
          expect(numbers).toEqual(Array.from({ length: NUMBER_COLUMNS }, (_, n) => expected[n] ?? Number.NaN));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are values, not parts of times, addresses and names', async () => {
    const stored = await storedNumbers([
      '{"ts":"2026-11-01T00:00:05Z","status":204,"took":"35ms","host":"web-7","size":007,"ip":"10.0.0.1"}',
      '10.0.0.1 - user7 [01/Nov/2026:00:00:20 +0000] "GET /a/7 HTTP/1.1" 503 7375 "-"',
    ]);
    expect(stored.map(([, numbers]) => numbers)).toEqual([
      [204, 35, Number.NaN, Number.NaN],
      [503, 7375, Number.NaN, Number.NaN],
    ]);
  });

  it('are not there in a section without such numbers', async () => {
    const rows = [{ labels: { app: 'a' }, time: 0n, line: 'ready' }];
    const object = await openObject(memoryReader(buildLogsObject(inputOf([rows]), SETTINGS).bytes), 'x');
    const { columns } = await object.pointers(0);
    expect(columns.map(({ name }) => name)).toEqual(['stream_id', 'timestamp', 'shape', 'message']);
  });
});
