/** What must be looked up in the catalogue before a query can be lowered. */
import { unreachable } from '../wire/exhaustive.js';
import { encodeGoString } from '../wire/go-string.js';
import type { TimeRange } from '../wire/time.js';
import { parseLinePattern } from './extract/pattern.js';
import type { QueryParameters, TableSelector } from './facts.js';
import { buildLogicalPlan } from './logical/builder.js';
import { tableRange, tablesOf } from './logical/tables.js';
import { type LogicalPlan, predicateOf, type ValueId } from './logical/value.js';
import type { Expr, Matcher, MatchOp } from './logql/ast.js';
import { conjuncts, isErrorLabel, isMessage, withBaseNames } from './physical/columns.js';
import type { CompareOp, Predicate } from './physical/expression.js';
import { simplifyRegex } from './regex/simplify.js';

/** One for each selector of the query, in its order; `lowerPlan` takes a snapshot for each. */
export function selectorsOf(expr: Expr, parameters: QueryParameters): readonly TableSelector[] {
  const plan = buildLogicalPlan(expr, parameters);
  return tablesOf(plan).map((id) => selectorOf(plan, id, tableRange(plan, id)));
}

function selectorOf(plan: LogicalPlan, id: ValueId, range: TimeRange): TableSelector {
  const table = plan.instructions[id]!;
  if (table.kind !== 'make-table') throw new Error('logical plan: not a table');
  const matchers = table.selector === undefined ? [] : conjuncts(predicateOf(plan, table.selector)).map(matcherOf);
  const conditions = table.predicates.flatMap((predicate) => conjuncts(predicateOf(plan, predicate)));
  const needles = conditions.flatMap(needlesOf);
  const metadataEquals = conditions.map(equalityOf).filter((equality) => equality !== null);
  return { matchers, range, needles: needles.map((group) => group.map(encodeGoString)), metadataEquals };
}

const MATCH_OPS: Partial<Record<CompareOp, MatchOp>> = { EQ: '=', NEQ: '!=', MATCH_RE: '=~', NOT_MATCH_RE: '!~' };

function matcherOf(predicate: Predicate): Matcher {
  if (predicate.kind !== 'compare' || predicate.literal.type !== 'string') throw new Error('logical plan: no matcher');
  const op = MATCH_OPS[predicate.op];
  if (op === undefined) throw new Error(`logical plan: ${predicate.op} is no matcher`);
  return { name: predicate.column.name, op, value: predicate.literal.value };
}

type Group = readonly string[];

/** Groups of texts: every line that meets the condition contains a text of each. No group = nothing is certain. */
function needlesOf(predicate: Predicate): readonly Group[] {
  switch (predicate.kind) {
    case 'not':
      return [];
    case 'and':
      return [...needlesOf(predicate.left), ...needlesOf(predicate.right)];
    case 'or': {
      const left = needlesOf(predicate.left).reduce(rarer, []);
      const right = needlesOf(predicate.right).reduce(rarer, []);
      return left.length === 0 || right.length === 0 ? [] : [[...left, ...right]];
    }
    case 'compare':
      return isMessage(predicate.column) ? messageNeedles(predicate) : [];
    default:
      return unreachable(predicate);
  }
}

/** Long texts occur in fewer lines; a group is as good as its worst one. */
function rarer(a: Group, b: Group): Group {
  const shortest = (group: Group): number => Math.min(...group.map((text) => text.length));
  return a.length === 0 || shortest(b) > shortest(a) ? b : a;
}

function messageNeedles({ op, literal }: Predicate & { kind: 'compare' }): readonly Group[] {
  if (literal.type !== 'string') return [];
  switch (op) {
    case 'MATCH_STR':
      return eachNeeded([literal.value]);
    case 'MATCH_RE':
      return regexNeedles(literal.value);
    case 'MATCH_PAT':
      return eachNeeded(parseLinePattern(literal.value).map((node) => (node.kind === 'literal' ? node.text : '')));
    default:
      return [];
  }
}

function regexNeedles(pattern: string): readonly Group[] {
  const test = simplifyRegex(pattern, { mode: 'search' });
  switch (test.kind) {
    case 'contains':
    case 'prefix':
    case 'suffix':
    case 'equals':
      return test.ignoreCase ? [] : eachNeeded([test.literal]);
    case 'any-of': {
      const literals = test.alternatives.map(({ literal, ignoreCase }) => (ignoreCase ? '' : literal));
      return literals.includes('') ? [] : [literals];
    }
    case 'regex':
      return eachNeeded(test.required);
    case 'all':
    case 'none':
    case 'non-empty':
      return [];
    default:
      return unreachable(test);
  }
}

function eachNeeded(texts: readonly string[]): readonly Group[] {
  return texts.filter((text) => text !== '').map((text) => [text]);
}

interface Equality {
  readonly key: string;
  readonly values: readonly string[];
}

/** Before any parser a name means metadata or a label, and an absent one equals only the empty string. */
function equalityOf(predicate: Predicate): Equality | null {
  if (predicate.kind === 'or') {
    const left = equalityOf(predicate.left);
    const right = equalityOf(predicate.right);
    if (left === null || right === null || left.key !== right.key) return null;
    return { key: left.key, values: [...left.values, ...right.values] };
  }
  if (predicate.kind !== 'compare' || predicate.literal.type !== 'string') return null;
  const { op, column, literal } = predicate;
  if (column.type !== 'ambiguous' || isErrorLabel(column.name) || isRenamed(column.name)) return null;
  if (op === 'EQ') return literal.value === '' ? null : { key: column.name, values: [literal.value] };
  if (op !== 'MATCH_RE') return null;
  const test = simplifyRegex(literal.value, { mode: 'full' });
  const tests = test.kind === 'any-of' ? test.alternatives : test.kind === 'equals' ? [test] : [];
  const exact = tests.every(({ kind, literal: value, ignoreCase }) => kind === 'equals' && value !== '' && !ignoreCase);
  return tests.length > 0 && exact ? { key: column.name, values: tests.map((each) => each.literal) } : null;
}

/** What a clash with a label is renamed to; the stored key is another one. */
function isRenamed(name: string): boolean {
  return withBaseNames([name]).length > 1;
}
