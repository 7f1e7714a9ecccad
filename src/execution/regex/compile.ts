import { FACTOR_BYTES } from '../../planning/regex/factors.js';
import { parseRegex } from '../../planning/regex/parse.js';
import { type LiteralTest, type MatchOptions, simplifyRegex, type TextTest } from '../../planning/regex/simplify.js';
import { unreachable } from '../../wire/exhaustive.js';
import { AllOfMatcher, AnyOfMatcher } from '../kernels/combine.js';
import { FactorSieve } from '../kernels/factor-sieve.js';
import { IgnoreCaseMatcher } from '../kernels/ignore-case.js';
import { ConstantMatcher, type LineMatcher, PredicateMatcher } from '../kernels/line-matcher.js';
import { EndsMatcher, NonEmptyMatcher } from '../kernels/match-ends.js';
import { ByteFinder, SubstringMatcher } from '../kernels/substring-matcher.js';
import { Engine } from './engine.js';

/** Searching for more literals than this one after the other is slower than one pass of the automaton. */
const MAX_SEARCHES = 5;
const MAX_PREFILTERS = 2;

/**
 * A regular expression over text. Throws an Error with Go's text when the pattern is invalid. As in Loki, `.*` and `.+`
 * alone let newlines pass even where the dot does not.
 */
export function compileStringMatcher(pattern: string, options: MatchOptions): (text: string) => boolean {
  const test = simplifyRegex(pattern, options);
  switch (test.kind) {
    case 'all':
      return () => true;
    case 'none':
      return () => false;
    case 'non-empty':
      return (text) => text !== '';
    case 'any-of':
      return anyStringOf(test.alternatives);
    case 'regex': {
      const engine = new Engine(pattern, options);
      return (text) => {
        const bytes = Buffer.from(text);
        return engine.test(bytes, 0, bytes.length);
      };
    }
    default:
      return literalPredicate(test);
  }
}

function anyStringOf(alternatives: readonly LiteralTest[]): (text: string) => boolean {
  const isEquality = ({ kind, ignoreCase }: LiteralTest): boolean => kind === 'equals' && !ignoreCase;
  const words = new Set(alternatives.filter(isEquality).map((test) => test.literal));
  const rest = alternatives.filter((test) => !isEquality(test)).map(literalPredicate);
  return (text) => words.has(text) || rest.some((accepts) => accepts(text));
}

function literalPredicate({ kind, literal, ignoreCase }: LiteralTest): (text: string) => boolean {
  const fold = ignoreCase ? foldText : (text: string): string => text;
  switch (kind) {
    case 'contains':
      return (text) => fold(text).includes(literal);
    case 'prefix':
      return (text) => fold(text).startsWith(literal);
    case 'suffix':
      return (text) => fold(text).endsWith(literal);
    case 'equals':
      return (text) => fold(text) === literal;
    default:
      return unreachable(kind);
  }
}

/** ASCII letters in lower case, and with them the two code points that Go folds into ASCII: long s and Kelvin sign. */
function foldText(text: string): string {
  return text.replace(/[A-Z\u017f\u212a]/g, (letter) => (letter === '\u017f' ? 's' : letter.toLowerCase()));
}

/** A regular expression over log lines, found anywhere in the line. Throws an Error with Go's text. */
export function compileLineMatcher(pattern: string): LineMatcher {
  return compileMatcher(pattern, { mode: 'search' });
}

/** As `compileStringMatcher`, over a column of bytes. */
export function compileMatcher(pattern: string, options: MatchOptions): LineMatcher {
  const test = simplifyRegex(pattern, options);
  switch (test.kind) {
    case 'all':
      return new ConstantMatcher(true);
    case 'none':
      return new ConstantMatcher(false);
    case 'non-empty':
      return new NonEmptyMatcher();
    case 'any-of':
      return compileAnyOf(test.alternatives, pattern, options);
    case 'regex':
      if (test.required.some((literal) => literal.length >= FACTOR_BYTES))
        return new AllOfMatcher([...prefilters(test), engineMatcher(pattern, options)]);
      return sifted(pattern, options, engineMatcher(pattern, options));
    default:
      return compileLiteral(test);
  }
}

/** Behind a sieve for what every match contains, if it contains anything of note. */
function sifted(pattern: string, { dotAll = false }: MatchOptions, exact: LineMatcher): LineMatcher {
  const sieve = FactorSieve.of(parseRegex(pattern, { dotAll }));
  return sieve ? new AllOfMatcher([sieve, exact]) : exact;
}

function engineMatcher(pattern: string, options: MatchOptions): LineMatcher {
  const engine = new Engine(pattern, options);
  return new PredicateMatcher((bytes, start, end) => engine.test(bytes, start, end));
}

/** Searches for the longest required literals. */
function prefilters(test: TextTest & { kind: 'regex' }): LineMatcher[] {
  const needles = test.required.map((literal) => Buffer.from(literal)).sort((a, b) => b.length - a.length);
  return needles.slice(0, MAX_PREFILTERS).map((needle) => new SubstringMatcher(new ByteFinder(needle)));
}

function compileAnyOf(alternatives: readonly LiteralTest[], pattern: string, options: MatchOptions): LineMatcher {
  if (alternatives.length > MAX_SEARCHES) return sifted(pattern, options, engineMatcher(pattern, options));
  return new AnyOfMatcher(alternatives.map(compileLiteral));
}

function compileLiteral({ kind, literal, ignoreCase }: LiteralTest): LineMatcher {
  const needle = Buffer.from(literal);
  if (ignoreCase) return new IgnoreCaseMatcher(kind, needle);
  return kind === 'contains' ? new SubstringMatcher(new ByteFinder(needle)) : new EndsMatcher(kind, needle);
}
