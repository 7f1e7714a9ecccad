import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelsSeen, run } from '../../../test/support/log-rows.js';
import { relevantLines } from './relevant-lines.js';

const KEYS = ['status', 'http.status', 'http', 'sta\\u0074us', ' status', 'code', '1status', 'stat', 'us', ''];
const key = fc.constantFrom(...KEYS);
const leaf = fc.constantFrom<unknown>('200', 7, null, 'status', true, [1]);
const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
  tree: fc.dictionary(key, fc.oneof({ maxDepth: 2 }, leaf, tie('tree')), { maxKeys: 4 }),
}));
/** Escapes of keys are written as they are. */
const jsonLine = tree.map((value) => JSON.stringify(value).replaceAll('\\\\u', '\\u'));
const logfmtLine = fc
  .array(fc.tuple(key, fc.constantFrom('=200', '="a b"', '=', '', '="x\\"y"', '="')), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${name}${value}`).join(' '));
const labels = fc.record({ status: fc.constantFrom('', 'of the stream') });

describe('lines that a parser may find a label in', () => {
  test.each(['parse-json', 'parse-logfmt'] as const)('are all that %s finds it in', (kind) => {
    const parser = kind === 'parse-json' ? { kind } : { kind, strict: false, keepEmpty: false };
    const row = fc.record({ labels, line: fc.oneof(jsonLine, logfmtLine) });
    const wanted = fc.constantFrom(
      ['status', 'status_extracted'],
      ['http_status'],
      ['http_http_status', 'code'],
      ['_1status'],
      ['us'],
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), wanted, (rows, keys) => {
        const seen = (fields: object): (string | undefined)[][] =>
          labelsSeen(run(rows, { ...parser, keys, until: keys, ...fields } as never)).map((found) =>
            keys.map((name) => found[name]),
          );
        expect(seen({ errorsUnseen: true })).toEqual(seen({}));
      }),
      { numRuns: 300 },
    );
  });

  test('are not looked for where nearly any line may be one', () => {
    expect(relevantLines(['id'])).toBeUndefined();
    expect(relevantLines(['status', '_'])).toBeUndefined();
    expect(relevantLines([])).toBeUndefined();
    expect(relevantLines(['one', 'two', 'three', 'four', 'five'])).toBeUndefined();
  });

  test('have a part of its name, or an escape', () => {
    const lines = ['{"http.status":1}', '{"status":1}', '{"sta\\u0074us":1}', '{"stat_us":1}', ''];
    const offsets = new Int32Array(lines.length + 1);
    lines.forEach((line, i) => {
      offsets[i + 1] = offsets[i]! + line.length;
    });
    const keep = new Int32Array(lines.length);
    const count = relevantLines(['http_status'])!.match(offsets, Buffer.from(lines.join('')), null, lines.length, keep);
    expect([...keep.subarray(0, count)]).toEqual([0, 1, 2]);
  });
});
