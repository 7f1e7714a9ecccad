import type { Matcher, MatchOp } from '../planning/logql/ast.js';
import type { StreamMatcher } from '../storage/metastore/types.js';
import { compileStringMatcher } from './regex/compile.js';

/** A stream matcher with its verdict. */
export function compileMatcher({ name, op, value }: Matcher): StreamMatcher {
  return { name, op, value, matches: compileMatch(op, value) };
}

export function compileMatchers(matchers: readonly Matcher[]): StreamMatcher[] {
  return matchers.map(compileMatcher);
}

/** What a matcher says of a value: regular expressions are anchored and their dot matches newlines (A30). */
export function compileMatch(op: MatchOp, value: string): (text: string) => boolean {
  switch (op) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
      return compileStringMatcher(value, { mode: 'full', dotAll: true });
    case '!~': {
      const matches = compileStringMatcher(value, { mode: 'full', dotAll: true });
      return (text) => !matches(text);
    }
  }
}
