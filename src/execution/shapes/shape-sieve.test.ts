import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineShapes } from '../../../test/support/shape.js';
import { sieveOf } from './shape-sieve.js';

const text = fc.string({ unit: fc.constantFrom(...'abfgzkAS019 =.é\u017f\u212a'), minLength: 1, maxLength: 5 });
const lines = fc.array(
  fc.array(text, { maxLength: 5 }).map((parts) => parts.join('')),
  { minLength: 1, maxLength: 8 },
);

function possible(needle: string, ignoreCase: boolean, ...texts: string[]): number[] | undefined {
  const { ids, shapes } = lineShapes(texts.map((line) => Buffer.from(line)));
  const found = sieveOf([{ text: needle, ignoreCase }])?.(shapes);
  return found && texts.map((_, i) => found[ids[i]!]!);
}

describe('a sieve of shapes', () => {
  it('passes the shapes of all lines that have the text, in one or in both cases', () => {
    let told = 0;
    fc.assert(
      fc.property(lines, text, fc.boolean(), (texts, drawn, ignoreCase) => {
        const needle = ignoreCase ? drawn.toLowerCase() : drawn;
        const found = possible(needle, ignoreCase, ...texts);
        if (!found) return;
        const expression = ignoreCase ? new RegExp(needle.replace(/[.]/g, '\\.'), 'iu') : undefined;
        texts.forEach((line, i) => {
          if (expression ? expression.test(line) : line.includes(needle)) expect([line, found[i]]).toEqual([line, 1]);
          told += 1 - found[i]!;
        });
      }),
      { numRuns: 3000 },
    );
    expect(told).toBeGreaterThan(1000);
  });

  it.each(['ka', 'as', 'xska'])('cannot tell of %j in any case, since it ends words if it is not ASCII', (needle) => {
    expect(possible(needle, true, '\u212aa0a', '0a\u017f')).toBeUndefined();
    expect(possible(needle, false, 'x')).toEqual([0]);
  });

  it.each<[string, number[] | undefined]>([
    ['error', [1, 0]],
    [' code=', [0, 1]],
    ['e', undefined],
    ['feed', undefined],
    ['level fed', undefined],
    ['fed level', undefined],
    ['feedback', [0, 0]],
    ['17', undefined],
  ])('asked for %j passes %j', (needle, expected) => {
    expect(possible(needle, false, 'an error occurred', 'bad code=17')).toEqual(expected);
  });
});
