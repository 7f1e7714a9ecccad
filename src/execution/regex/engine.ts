import type { RE2JS } from 're2js';
import { parseRegex } from '../../planning/regex/parse.js';
import type { MatchOptions } from '../../planning/regex/simplify.js';
import { compileRe2 } from '../../planning/regex/syntax.js';
import { Backtracker } from './backtracker.js';
import { Dfa } from './dfa.js';
import { compileProgram, type Program } from './program.js';

/**
 * Tells whether bytes match a regular expression, always in time linear in the text: on the lazy automaton, where that
 * explodes on the bit state backtracker, and what neither can hold (case tables and scripts beyond ASCII, huge
 * programs, huge lines of large programs) on re2js. V8's own engine is not among them: it has no bound that holds for
 * every pattern, and with strings to make it is no faster here.
 */
export class Engine {
  private readonly pattern: string;
  private readonly options: MatchOptions;
  private readonly program: Program | null;
  private readonly dfa: Dfa | null;
  private backtracker: Backtracker | null = null;
  private re2: RE2JS | null = null;

  /** Throws an Error with Go's text when the pattern is invalid. */
  constructor(pattern: string, options: MatchOptions) {
    const full = options.mode === 'full';
    this.pattern = pattern;
    this.options = options;
    const regex = parseRegex(pattern, { dotAll: options.dotAll ?? false });
    this.program = compileProgram(regex, { captures: false, toEnd: full });
    this.dfa = this.program === null ? null : new Dfa(this.program, !full);
  }

  test(bytes: Buffer, start: number, end: number): boolean {
    return this.dfa?.test(bytes, start, end) ?? this.testSlowly(bytes, start, end);
  }

  private testSlowly(bytes: Buffer, start: number, end: number): boolean {
    const full = this.options.mode === 'full';
    if (this.program !== null) {
      this.backtracker ??= new Backtracker(this.program, { anchored: full });
      const answer = this.backtracker.find(bytes, start, end, new Int32Array(2));
      if (answer !== null) return answer;
    }
    this.re2 ??= compileRe2(this.options.dotAll === true ? `(?s)${this.pattern}` : this.pattern);
    const line = bytes.subarray(start, end);
    return full ? this.re2.testExact(line) : this.re2.test(line);
  }
}
