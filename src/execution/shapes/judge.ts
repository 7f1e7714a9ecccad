import { type CompareOp, MESSAGE, type Predicate } from '../../planning/physical/expression.js';
import { concat, EMPTY, type Regex } from '../../planning/regex/ast.js';
import { parseRegex } from '../../planning/regex/parse.js';
import { type LiteralTest, simplifyRegex, type TextTest } from '../../planning/regex/simplify.js';
import { unreachable } from '../../wire/exhaustive.js';
import { compileProgram } from '../regex/program.js';
import { ShapeAutomaton } from './shape-automaton.js';
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

/** What a line has to match, where a condition is no more than that. */
function wantedBy(predicate: Predicate): Regex | undefined {
  if (predicate.kind === 'or') {
    const left = wantedBy(predicate.left);
    const right = left && wantedBy(predicate.right);
    return left && right && { kind: 'alternate', options: [left, right] };
  }
  if (predicate.kind !== 'compare' || predicate.column.type !== 'builtin' || predicate.column.name !== MESSAGE.name)
    return undefined;
  const text = String(predicate.literal.value);
  switch (predicate.op) {
    case 'MATCH_STR':
      return literalOf(text, false);
    case 'MATCH_STR_CASE_INSENSITIVE':
      return literalOf(text.toLowerCase(), true);
    case 'MATCH_RE':
      return searched(text);
    default:
      return undefined; // equality, patterns and addresses ask about numbers, nearly always
  }
}

/** As their opposites. */
const NEGATED: Partial<Record<CompareOp, CompareOp>> = {
  NOT_MATCH_STR: 'MATCH_STR',
  NOT_MATCH_STR_CASE_INSENSITIVE: 'MATCH_STR_CASE_INSENSITIVE',
  NOT_MATCH_RE: 'MATCH_RE',
};

function searching(regex: Regex): Judge | undefined {
  const program = compileProgram(regex, { captures: false, toEnd: false });
  if (program === null) return undefined;
  const automaton = new ShapeAutomaton(program);
  return ({ count, starts, ends, bytes }) => {
    const verdicts = new Uint8Array(count);
    for (let i = 0; i < count; i++) verdicts[i] = automaton.judge(bytes, starts[i]!, ends[i]!);
    return verdicts;
  };
}

/** The expression that line filters run for a pattern: what it was simplified to, or itself. */
function searched(pattern: string): Regex | undefined {
  const test = simplifyRegex(pattern, { mode: 'search' });
  switch (test.kind) {
    case 'regex':
      return parseRegex(pattern);
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

function alternatives({ alternatives: tests }: TextTest & { kind: 'any-of' }): Regex | undefined {
  const options = tests.map(bounded);
  return options.includes(undefined) ? undefined : { kind: 'alternate', options: options as Regex[] };
}

function bounded({ kind, literal, ignoreCase }: LiteralTest): Regex | undefined {
  const text = literalOf(literal, ignoreCase);
  if (text === undefined) return undefined;
  const start: Regex = kind === 'prefix' || kind === 'equals' ? { kind: 'assert', at: 'text-start' } : EMPTY;
  const end: Regex = kind === 'suffix' || kind === 'equals' ? { kind: 'assert', at: 'text-end' } : EMPTY;
  return concat([start, text, end]);
}

/** Undefined where bytes and code points differ: automata see U+FFFD in place of invalid bytes too. */
function literalOf(text: string, ignoreCase: boolean): Regex | undefined {
  if (text === '') return EMPTY;
  return /[\ufffd\ud800-\udfff]/u.test(text) ? undefined : { kind: 'literal', text, ignoreCase };
}
