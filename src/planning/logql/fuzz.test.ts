import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogQLError } from './error.js';
import { parseLogQL, parseMatchers, parseSelector } from './parser.js';
import { prettyPrint } from './prettify.js';
import { printExpr } from './print.js';

const QUERIES = readFileSync(new URL('./accepted.golden.txt', import.meta.url), 'utf8').split('\n');

/** Whatever happens to a text, it is a query that survives printing, or a LogQLError. */
function survives(text: string): void {
  for (const parse of [parseSelector, parseMatchers]) {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof LogQLError)) throw error;
    }
  }
  try {
    const expr = parseLogQL(text);
    expect(parseLogQL(printExpr(expr))).toEqual(expr);
    expect(parseLogQL(prettyPrint(expr))).toEqual(expr);
  } catch (error) {
    if (!(error instanceof LogQLError)) throw error;
  }
}

const query = fc.constantFrom(...QUERIES);
const place = fc.double({ min: 0, max: 1, noNaN: true });

describe('the parser', () => {
  it('survives any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), survives), { numRuns: 500 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => survives(Buffer.from(bytes).toString('latin1'))),
      {
        numRuns: 500,
      },
    );
  });

  it('survives real queries with holes and insertions', () => {
    const mutation = fc.record({ query, from: place, to: place, insertion: fc.string({ maxLength: 3 }) });
    fc.assert(
      fc.property(mutation, ({ query: text, from, to, insertion }) => {
        const start = Math.floor(from * text.length);
        const end = start + Math.floor((to * (text.length - start)) / 4);
        survives(text.slice(0, start) + insertion + text.slice(end));
      }),
      { numRuns: 1500 },
    );
  });

  it('survives two queries spliced together', () => {
    fc.assert(
      fc.property(query, query, place, place, (left, right, cut, resume) => {
        survives(left.slice(0, Math.floor(cut * left.length)) + right.slice(Math.floor(resume * right.length)));
      }),
      { numRuns: 1500 },
    );
  });
});
