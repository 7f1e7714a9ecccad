import type { Matcher } from '../planning/logql/ast.js';
import type { StreamMatcher } from '../storage/metastore/types.js';
import { compileStringMatcher } from './regex/compile.js';

/** Stream matchers with their verdicts: regular expressions are anchored and their dot matches newlines (A30). */
export function compileMatchers(matchers: readonly Matcher[]): StreamMatcher[] {
  return matchers.map(({ name, op, value }) => ({ name, op, value, matches: verdict(op, value) }));
}

function verdict(op: Matcher['op'], value: string): (text: string) => boolean {
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
