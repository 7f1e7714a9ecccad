import { type CompareOp, MESSAGE, type Predicate } from '../../planning/physical/expression.js';
import { concat, EMPTY, type Regex } from '../../planning/regex/ast.js';
import { parseRegex } from '../../planning/regex/parse.js';
import { type LiteralTest, simplifyRegex, type TextTest } from '../../planning/regex/simplify.js';
import { unreachable } from '../../wire/exhaustive.js';
import { compileProgram } from '../regex/program.js';
import { ShapeAutomaton } from './shape-automaton.js';
import { type Needle, sieveOf } from './shape-sieve.js';
import { type Judge, OPEN, YES } from './verdict.js';

/** Judges shapes by all of the conditions; undefined when no shape would tell anything. */
export function compileJudge(predicates: readonly Predicate[]): Judge | undefined {
  const [first, ...rest] = predicates;
  return first && judgeOf(rest.reduce((left, right) => ({ kind: 'and', left, right }), first));
}

/** Undefined: OPEN whatever the shape. */
function judgeOf(predicate: Predicate): Judge | undefined {
  const wanted = wantedBy(predicate);
  if (wanted) return searching(wanted);
  switch (predicate.kind) {
    case 'compare': {
      const op = NEGATED[predicate.op];
      return op && negated(judgeOf({ ...predicate, op }));
    }
    case 'not':
      return negated(judgeOf(predicate.inner));
    case 'and':
    case 'or': {
      const left = judgeOf(predicate.left) ?? ALWAYS_OPEN;
      const right = judgeOf(predicate.right) ?? ALWAYS_OPEN;
      if (left === ALWAYS_OPEN && right === ALWAYS_OPEN) return undefined;
      return combined(left, right, predicate.kind === 'and' ? Math.min : Math.max);
    }
    default:
      return unreachable(predicate);
  }
}

const ALWAYS_OPEN: Judge = ({ count }) => new Uint8Array(count).fill(OPEN);

function combined(left: Judge, right: Judge, choose: (a: number, b: number) => number): Judge {
  return (shapes) => {
    const verdicts = left(shapes);
    const others = right(shapes);
    for (let i = 0; i < verdicts.length; i++) verdicts[i] = choose(verdicts[i]!, others[i]!);
    return verdicts;
  };
}

function negated(judge: Judge | undefined): Judge | undefined {
  return judge && ((shapes) => judge(shapes).map((verdict) => YES - verdict));
}

/** What a line has to match, and of which texts it then contains at least one, where such are known. */
interface Wanted {
  readonly regex: Regex;
  readonly needles: readonly Needle[];
}

/** What a line has to match, where a condition is no more than that. */
function wantedBy(predicate: Predicate): Wanted | undefined {
  if (predicate.kind === 'or') {
    const left = wantedBy(predicate.left);
    const right = left && wantedBy(predicate.right);
    return left && right && anyOf([left, right]);
  }
  if (predicate.kind !== 'compare' || predicate.column.type !== 'builtin' || predicate.column.name !== MESSAGE.name)
    return undefined;
  const text = String(predicate.literal.value);
  switch (predicate.op) {
    case 'MATCH_STR':
      return containing(text, false);
    case 'MATCH_STR_CASE_INSENSITIVE':
      return containing(text.toLowerCase(), true);
    case 'MATCH_RE':
      return searched(text);
    default:
      return undefined; // equality, patterns and addresses ask about numbers, nearly always
  }
}

function anyOf(options: readonly Wanted[]): Wanted {
  return {
    regex: { kind: 'alternate', options: options.map(({ regex }) => regex) },
    needles: options.every(({ needles }) => needles.length > 0) ? options.flatMap(({ needles }) => needles) : [],
  };
}

function containing(text: string, ignoreCase: boolean): Wanted | undefined {
  const regex = literalOf(text, ignoreCase);
  return regex && { regex, needles: [{ text, ignoreCase }] };
}

/** As their opposites. */
const NEGATED: Partial<Record<CompareOp, CompareOp>> = {
  NOT_MATCH_STR: 'MATCH_STR',
  NOT_MATCH_STR_CASE_INSENSITIVE: 'MATCH_STR_CASE_INSENSITIVE',
  NOT_MATCH_RE: 'MATCH_RE',
};

function searching({ regex, needles }: Wanted): Judge | undefined {
  const program = compileProgram(regex, { captures: false, toEnd: false });
  if (program === null) return undefined;
  const automaton = new ShapeAutomaton(program);
  const sieve = sieveOf(needles);
  return (shapes) => {
    const verdicts = new Uint8Array(shapes.count);
    const possible = sieve?.(shapes);
    for (let i = 0; i < shapes.count; i++)
      if (possible?.[i] !== 0) verdicts[i] = automaton.judge(shapes.bytes, shapes.starts[i]!, shapes.ends[i]!);
    return verdicts;
  };
}

/** The expression that line filters run for a pattern: what it was simplified to, or itself. */
function searched(pattern: string): Wanted | undefined {
  const test = simplifyRegex(pattern, { mode: 'search' });
  switch (test.kind) {
    case 'regex': {
      const longest = [...test.required].sort((a, b) => b.length - a.length).slice(0, 1);
      return { regex: parseRegex(pattern), needles: longest.map((text) => ({ text, ignoreCase: false })) };
    }
    case 'any-of':
      return alternatives(test);
    case 'contains':
    case 'prefix':
    case 'suffix':
    case 'equals':
      return bounded(test);
    default:
      return undefined; // all, none or whatever is not empty: these read next to nothing
  }
}

function alternatives({ alternatives: tests }: TextTest & { kind: 'any-of' }): Wanted | undefined {
  const options = tests.map(bounded);
  return options.includes(undefined) ? undefined : anyOf(options as Wanted[]);
}

function bounded({ kind, literal, ignoreCase }: LiteralTest): Wanted | undefined {
  const text = containing(literal, ignoreCase);
  if (text === undefined) return undefined;
  const start: Regex = kind === 'prefix' || kind === 'equals' ? { kind: 'assert', at: 'text-start' } : EMPTY;
  const end: Regex = kind === 'suffix' || kind === 'equals' ? { kind: 'assert', at: 'text-end' } : EMPTY;
  return { regex: concat([start, text.regex, end]), needles: text.needles };
}

/** Undefined where bytes and code points differ: automata see U+FFFD in place of invalid bytes too. */
function literalOf(text: string, ignoreCase: boolean): Regex | undefined {
  if (text === '') return EMPTY;
  return /[\ufffd\ud800-\udfff]/u.test(text) ? undefined : { kind: 'literal', text, ignoreCase };
}
