import { compileStringMatcher } from '../../execution/regex/compile.js';
import type { StreamMatcher } from '../../storage/metastore/types.js';
import { unreachable } from '../../wire/exhaustive.js';
import type { LiveResolveMessage } from '../../wire/message.js';

/** Throws an Error with Go's text when a pattern is invalid. */
export function compileMatcher(matcher: LiveResolveMessage['matchers'][number]): StreamMatcher {
  return { ...matcher, matches: compileTest(matcher) };
}

function compileTest({ op, value }: LiveResolveMessage['matchers'][number]): (text: string) => boolean {
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
    default:
      return unreachable(op);
  }
}
