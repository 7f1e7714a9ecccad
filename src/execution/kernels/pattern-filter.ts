import { type PatternNode, parseLinePattern } from '../../planning/extract/pattern.js';
import { encodeGoString } from '../../wire/go-string.js';
import { AllOfMatcher } from './combine.js';
import { type LineMatcher, PredicateMatcher } from './line-matcher.js';
import { ByteFinder, SubstringMatcher } from './substring-matcher.js';

/** The filter `|> "..."`. Throws an Error with Loki's text when the pattern is invalid. */
export function compilePatternFilter(pattern: string): LineMatcher {
  return new AllOfMatcher(patternMatchers(parseLinePattern(pattern)));
}

function patternMatchers(nodes: readonly PatternNode[]): LineMatcher[] {
  const literals = nodes.flatMap((node) => (node.kind === 'literal' ? [Buffer.from(encodeGoString(node.text))] : []));
  const opensWithLiteral = nodes[0]?.kind === 'literal';
  const endsWithCapture = nodes.at(-1)?.kind === 'capture';
  const inOrder = new PredicateMatcher((bytes, start, end) =>
    holdsInOrder(bytes.subarray(start, end), literals, opensWithLiteral, endsWithCapture),
  );
  const longest = literals.reduce((best, literal) => (literal.length > best.length ? literal : best), Buffer.alloc(0));
  return [new SubstringMatcher(new ByteFinder(longest)), inOrder];
}

/**
 * Takes the first occurrence of each literal in turn and never comes back. What lies before it is not empty, except
 * before a literal that opens the pattern, which may start anywhere; at the end a capture is not empty and a literal is
 * last.
 */
function holdsInOrder(
  line: Buffer,
  literals: readonly Buffer[],
  opensWithLiteral: boolean,
  endsWithCapture: boolean,
): boolean {
  let at = 0;
  for (let i = 0; i < literals.length; i++) {
    const hit = line.indexOf(literals[i]!, at);
    if (hit < 0 || (hit === at && !(i === 0 && opensWithLiteral))) return false;
    at = hit + literals[i]!.length;
  }
  return endsWithCapture ? at < line.length : at === line.length;
}
