import type { RE2JS } from 're2js';
import type { Regex } from '../../planning/regex/ast.js';
import { parseRegex } from '../../planning/regex/parse.js';
import { simplifyRegex } from '../../planning/regex/simplify.js';
import { compileRe2, namedGroups } from '../../planning/regex/syntax.js';
import { Backtracker } from './backtracker.js';
import { compileProgram } from './program.js';

/** Finds the leftmost match of a regular expression in a line, and its groups. */
export interface CaptureMatcher {
  /** The name of group i + 1, '' for an unnamed one. */
  readonly names: readonly string[];
  /**
   * Writes absolute positions in `bytes` to spans[2g] and spans[2g + 1] of each group g (0: the match), -1 where a group
   * took no part. False when bytes[start..end) has no match; spans are then undefined.
   */
  find(bytes: Buffer, start: number, end: number, spans: Int32Array): boolean;
}

/** Linear in the line, whatever the pattern. Throws an Error with Go's text when the pattern is invalid. */
export function compileCaptures(pattern: string): CaptureMatcher {
  const regex = parseRegex(pattern);
  const program = compileProgram(regex, { captures: true, toEnd: false });
  const prefix = leadingLiteral(regex);
  const backtracker = program === null ? null : new Backtracker(program, { prefix });
  return new Captures(pattern, backtracker, prefix === null ? requiredLiteral(pattern) : null);
}

class Captures implements CaptureMatcher {
  readonly names: readonly string[];
  private readonly pattern: string;
  private readonly backtracker: Backtracker | null;
  private readonly required: Buffer | null;
  private re2: RE2JS | null = null;

  constructor(pattern: string, backtracker: Backtracker | null, required: Buffer | null) {
    this.pattern = pattern;
    this.backtracker = backtracker;
    this.required = required;
    this.names = namedGroups(pattern);
  }

  find(bytes: Buffer, start: number, end: number, spans: Int32Array): boolean {
    if (this.required !== null && !bytes.subarray(start, end).includes(this.required)) return false;
    return this.backtracker?.find(bytes, start, end, spans) ?? this.findSlowly(bytes, start, end, spans);
  }

  private findSlowly(bytes: Buffer, start: number, end: number, spans: Int32Array): boolean {
    this.re2 ??= compileRe2(this.pattern);
    const matcher = this.re2.matcher(bytes.subarray(start, end));
    if (!matcher.find()) return false;
    for (let group = 0; group <= this.names.length; group++) {
      const from = matcher.start(group);
      spans[2 * group] = from < 0 ? -1 : start + from;
      spans[2 * group + 1] = from < 0 ? -1 : start + matcher.end(group);
    }
    return true;
  }
}

function leadingLiteral(regex: Regex): Buffer | null {
  const first = regex.kind === 'concat' ? regex.parts[0]! : regex;
  if (first.kind === 'capture') return leadingLiteral(first.inner);
  return first.kind === 'literal' && !first.ignoreCase ? Buffer.from(first.text) : null;
}

function requiredLiteral(pattern: string): Buffer | null {
  const test = simplifyRegex(pattern, { mode: 'search' });
  if (test.kind !== 'regex') return null;
  const longest = test.required.reduce((best, text) => (text.length > best.length ? text : best), '');
  return longest === '' ? null : Buffer.from(longest);
}
