import type { Matcher } from '../../src/planning/logql/ast.js';
import { unreachable } from '../../src/wire/exhaustive.js';
import { contains } from './regex.js';

/** Matchers of streams, drop and keep: a dot matches a newline (A30). */
export function matchesStream(matcher: Matcher, value: string): boolean {
  return matches(matcher, value, '^(?s:', ')$');
}

/** Matchers of pipelines: it does not (A31), except alone (A36). */
export function matchesLabel(matcher: Matcher, value: string): boolean {
  if (matcher.value === '.*' || matcher.value === '.+') return matchesStream(matcher, value);
  return matches(matcher, value, '^(?:', ')$');
}

function matches({ op, value: wanted }: Matcher, value: string, before: string, after: string): boolean {
  switch (op) {
    case '=':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case '=~':
      return contains(before + wanted + after, value);
    case '!~':
      return !contains(before + wanted + after, value);
    default:
      return unreachable(op);
  }
}
