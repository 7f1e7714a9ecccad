import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLabelText } from './label-text.js';
import { formatLabels, labelsOf } from './labels.js';

describe('canonical label text', () => {
  it('reads back what formatLabels wrote, whatever the values', () => {
    const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a, b="c"}', '\\', '"', '\u0000\n\u007f', 'ü😀'),
    );
    fc.assert(
      fc.property(fc.dictionary(name, value), (pairs) => {
        const labels = labelsOf(pairs);
        expect(parseLabelText(formatLabels(labels))).toEqual(labels);
      }),
    );
  });

  it('knows the empty set', () => {
    expect(parseLabelText('{}')).toEqual([]);
  });

  it.each([
    '',
    '{',
    'a="b"',
    '{a}',
    '{a=b}',
    '{a="b}',
    '{a="b" c="d"}',
    '{a="b",c="d"}',
    '{a="b", }',
    '{a="\\q"}',
    '{="b"}',
  ])('refuses %j', (text) => {
    expect(parseLabelText(text)).toBeNull();
  });
});
