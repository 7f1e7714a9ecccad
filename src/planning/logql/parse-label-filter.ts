import type { CompareOp, LabelFilter } from './ast.js';
import { parseIpCall } from './parse-list.js';
import { parseSignedNumber } from './parse-number.js';
import { isMatchOp, matcherOf } from './parse-selector.js';
import type { TokenKind } from './token.js';
import type { TokenStream } from './token-stream.js';

/**
 * Whether the tokens after a filter that is the right operand of a connective belong to that operand. Loki's grammar
 * gives only `or` and `and` a rank: what follows a comma or stands side by side always goes to the right, whatever
 * connectives it has.
 */
const RANK_ANY = 1;
const RANK_OR = 2;
const RANK_AND = 3;

const COMPARE_OPS: ReadonlyMap<TokenKind, CompareOp> = new Map([
  ['=', '=='],
  ['==', '=='],
  ['!=', '!='],
  ['>', '>'],
  ['>=', '>='],
  ['<', '<'],
  ['<=', '<='],
]);

/** `status >= 500 and (method="GET" or path=~"/api.*")`, up to a token that cannot go on with it. */
export function parseLabelFilter(tokens: TokenStream): LabelFilter {
  return parseRanked(tokens, RANK_ANY);
}

function parseRanked(tokens: TokenStream, rank: number): LabelFilter {
  return tokens.nested(() => {
    let left = parsePrimary(tokens);
    for (;;) {
      const kind = tokens.peek().kind;
      if (kind === 'or' && rank < RANK_OR) {
        tokens.take();
        left = { kind: 'or', left, right: parseRanked(tokens, RANK_OR) };
      } else if (kind === 'and' && rank < RANK_AND) {
        tokens.take();
        left = { kind: 'and', left, right: parseRanked(tokens, RANK_AND) };
      } else if (tokens.accept(',') || kind === 'IDENTIFIER' || kind === '(') {
        left = { kind: 'and', left, right: parseRanked(tokens, RANK_ANY) };
      } else {
        return left;
      }
    }
  });
}

function parsePrimary(tokens: TokenStream): LabelFilter {
  if (tokens.accept('(')) {
    const inner = parseRanked(tokens, RANK_ANY);
    if (!tokens.accept(')')) throw tokens.unexpected();
    return inner;
  }
  const name = tokens.expect('IDENTIFIER', ['IDENTIFIER', '(']).text;
  const operator = tokens.peek().kind;
  const compare = COMPARE_OPS.get(operator);
  if (compare === undefined && !isMatchOp(operator)) throw tokens.unexpected();
  tokens.take();
  return parseOperand(tokens, name, operator, compare);
}

function parseOperand(tokens: TokenStream, name: string, operator: TokenKind, op: CompareOp | undefined): LabelFilter {
  const operand = tokens.peek().kind;
  if (isMatchOp(operator) && operand === 'STRING') {
    return { kind: 'string', matcher: matcherOf(name, operator, tokens.take().text) };
  }
  if (op === undefined) throw tokens.unexpected(['STRING']);
  if ((operator === '=' || operator === '!=') && operand === 'ip') {
    return { kind: 'ip', name, op: operator, value: parseIpCall(tokens) };
  }
  if (operand === 'DURATION') return { kind: 'duration', name, op, value: tokens.take().value };
  if (operand === 'BYTES') return { kind: 'bytes', name, op, value: tokens.take().value };
  if (operand !== 'NUMBER' && operand !== '+' && operand !== '-') throw tokens.unexpected();
  return { kind: 'number', name, op, value: parseSignedNumber(tokens) };
}
