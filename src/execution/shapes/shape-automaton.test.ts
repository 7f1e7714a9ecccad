import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLine, anyPattern } from '../../../test/arbitrary/regex.js';
import { shapeOf } from '../../../test/support/shape.js';
import { parseRegex } from '../../planning/regex/parse.js';
import { Engine } from '../regex/engine.js';
import { compileProgram } from '../regex/program.js';
import { ShapeAutomaton } from './shape-automaton.js';
import { NO, OPEN, YES } from './verdict.js';

function verdict(pattern: string, line: Buffer): number | undefined {
  const program = compileProgram(parseRegex(pattern), { captures: false, toEnd: false });
  if (program === null) return undefined;
  const shape = shapeOf(line);
  return new ShapeAutomaton(program).judge(shape, 0, shape.length);
}

describe('a shape automaton', () => {
  it.each<[string, string, number]>([
    ['error', 'level=error code=17', YES],
    ['error', 'level=info code=17', NO],
    ['code=\\d', 'code=17', YES],
    ['code=1', 'code=17', OPEN],
    ['code=17', 'code=abc', NO],
    ['feed', 'id=7feed1', OPEN],
    ['feed', 'feed me', YES],
    ['d=', 'a1d=2', OPEN],
    ['^\\d+$', '123', YES],
    ['^\\d{3}$', '123', OPEN],
    ['(\\d+\\.){3}\\d+', 'from 10.0.0.7 to', YES],
    ['(\\d+\\.){3}\\d+', 'took 10.07 s', NO],
    ['\\d\\.', 'id 7fe1.', OPEN],
    ['\\d\\.', 'id 7fe1,', NO],
    ['(?i)timeout|refused', 'Connection Refused by 0x7f', YES],
    ['\\b1\\b', 'x 1 y', OPEN],
    ['é1', 'né17', OPEN],
    ['é\\d', 'né17', YES],
  ])('asked for %s says of %j: %i', (pattern, line, expected) => {
    expect(verdict(pattern, Buffer.from(line))).toBe(expected);
  });

  it('says nothing of a shape that is not true of its line', () => {
    const digits = fc.stringMatching(/^[0-9a-f]{1,4}$/).map((text) => Buffer.from(text));
    const line = fc.array(fc.oneof(anyLine(), digits), { maxLength: 5 }).map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(anyPattern(), line, (pattern, bytes) => {
        let engine: Engine;
        try {
          engine = new Engine(pattern, { mode: 'search' });
        } catch {
          return; // not a pattern
        }
        const said = verdict(pattern, bytes);
        if (said === undefined || said === OPEN) return;
        expect(said === YES).toBe(engine.test(bytes, 0, bytes.length));
      }),
      { numRuns: 1500 },
    );
  });

  it('leaves everything open rather than grow without bound', () => {
    const program = compileProgram(parseRegex('(a|b)*a(a|b){14}c'), { captures: false, toEnd: false })!;
    const automaton = new ShapeAutomaton(program);
    let seed = 1;
    const random = Buffer.alloc(60_000);
    for (let i = 0; i < random.length; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      random[i] = seed & 0x10000 ? 0x61 : 0x62;
    }
    expect(automaton.judge(random, 0, random.length)).toBe(OPEN);
    expect(automaton.judge(Buffer.from('x'), 0, 1)).toBe(OPEN);
  });
});
