import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { layOut } from '../../../test/arbitrary/lines.js';
import { decolorizeRows } from './decolorize.js';

function decolorize(lines: string[], rows: number[] | null = null): string[] {
  const input = layOut(
    lines.map((line) => Buffer.from(line)),
    rows,
    2,
  );
  const { offsets, bytes } = decolorizeRows(input.offsets, input.bytes, input.rows, input.count);
  return lines.map((_, i) => bytes.utf8Slice(offsets[i]!, offsets[i + 1]!));
}

describe('decolorizeRows', () => {
  it('takes away colours', () => {
    expect(decolorize(['\x1b[31mred error\x1b[0m and \x1b[1;32mgreen\x1b[0m', '', 'plain'])).toEqual([
      'red error and green',
      '',
      'plain',
    ]);
  });

  it('takes away titles, cursor moves and C1 sequences', () => {
    expect(decolorize(['\x1b]0;title\x07a\x1b[2Kb\x1b[10;20Hc\u009b31md'])).toEqual(['abcd']);
  });

  it('keeps an escape that begins nothing', () => {
    expect(decolorize(['a\x1b', '\x1b[@'])).toEqual(['a\x1b', '\x1b[@']);
  });

  it('returns plain columns as they are', () => {
    const bytes = Buffer.from('abc');
    const offsets = Int32Array.of(0, 1, 3);
    const out = decolorizeRows(offsets, bytes, Int32Array.of(1), 1);
    expect(out.bytes).toBe(bytes);
    expect(out.offsets).toBe(offsets);
  });

  it('empties rows outside the selection', () => {
    expect(decolorize(['\x1b[1mA', 'b', 'c', 'd'], [0, 2])).toEqual(['A', '', 'c', '']);
  });
});

it('agrees with replacing by the expression', () => {
  const expression = RE2JS.compile(
    '[\\x1b\\x{9b}][[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\x07)|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))',
  );
  const line = fc.string({ unit: fc.constantFrom('\x1b', '\u009b', ...'[];?1234mK\x07a') });
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      expect(decolorize(lines)).toEqual(lines.map((text) => expression.matcher(text).replaceAll('')));
    }),
  );
});
