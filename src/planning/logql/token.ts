import type { RangeOp, VectorOp } from './ast.js';
import { RANGE_FUNCTIONS } from './range-functions.js';

/** A token's kind is its name in error messages: the spelling of a word or sign, else an upper-case name. */
export type TokenKind =
  | '$end'
  | ClassKind
  | SignKind
  | WordKind
  | RangeOpKind
  | VectorOpKind
  | ConversionKind
  | CallKind;

/** Kinds whose tokens differ in their text or value. */
export type ClassKind = 'IDENTIFIER' | 'STRING' | 'NUMBER' | 'DURATION' | 'BYTES' | 'RANGE' | 'FUNCTION_FLAG';

export type RangeOpKind = Uppercase<RangeOp>;
export type VectorOpKind = Uppercase<VectorOp>;
export type ConversionKind = 'BYTES_CONV' | 'DURATION_CONV' | 'DURATION_SECONDS_CONV';
export type CallKind = 'VECTOR' | 'label_replace' | 'ip';

const SIGNS = [
  ...['{', '}', '(', ')', ']', ',', '.', '|', '='],
  ...['=~', '!~', '!>', '|=', '|~', '|>', '!='],
  ...['==', '>', '>=', '<', '<=', '+', '-', '*', '/', '%', '^'],
] as const;
export type SignKind = (typeof SIGNS)[number];

/** Words that are never identifiers. */
const WORDS = [
  ...[
    'by',
    'without',
    'bool',
    'on',
    'ignoring',
    'group_left',
    'group_right',
    'and',
    'or',
    'unless',
    'offset',
    'unwrap',
  ],
  ...['json', 'logfmt', 'regexp', 'pattern', 'unpack', 'line_format', 'label_format', 'decolorize', 'drop', 'keep'],
] as const;
export type WordKind = (typeof WORDS)[number];

const VECTOR_OPS: Readonly<Record<VectorOp, true>> = {
  ...{ sum: true, avg: true, min: true, max: true, count: true, stddev: true, stdvar: true },
  ...{ topk: true, bottomk: true, approx_topk: true, sort: true, sort_desc: true },
};

const upperCased = <Op extends string>(ops: Readonly<Record<Op, unknown>>): ReadonlyMap<string, Op> =>
  new Map((Object.keys(ops) as Op[]).map((op) => [op.toUpperCase(), op]));

/** What a token of one of these kinds stands for. */
export const RANGE_OP_OF: ReadonlyMap<string, RangeOp> = upperCased(RANGE_FUNCTIONS);
export const VECTOR_OP_OF: ReadonlyMap<string, VectorOp> = upperCased(VECTOR_OPS);
export const CONVERSION_OF: ReadonlyMap<string, 'bytes' | 'duration' | 'duration_seconds'> = new Map([
  ['BYTES_CONV', 'bytes'],
  ['DURATION_CONV', 'duration'],
  ['DURATION_SECONDS_CONV', 'duration_seconds'],
]);

export const SIGN_KINDS: ReadonlyMap<string, SignKind> = new Map(SIGNS.map((sign) => [sign, sign]));
export const WORD_KINDS: ReadonlyMap<string, WordKind> = new Map(WORDS.map((word) => [word, word]));

/** Names that are functions when they are called, and identifiers otherwise. Lower case. */
export const FUNCTION_KINDS: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ...[...RANGE_OP_OF.values(), ...VECTOR_OP_OF.values()].map((op): [string, TokenKind] => [
    op,
    op.toUpperCase() as Uppercase<typeof op>,
  ]),
  ...[...CONVERSION_OF].map(([kind, name]): [string, TokenKind] => [name, kind as ConversionKind]),
  ['vector', 'VECTOR'],
  ['label_replace', 'label_replace'],
  ['ip', 'ip'],
]);

export interface Token {
  readonly kind: TokenKind;
  /** The name of an IDENTIFIER, the value of a STRING, the source of a NUMBER or FUNCTION_FLAG, else ''. */
  readonly text: string;
  /** Nanoseconds of a DURATION or RANGE, bytes of BYTES, else 0. */
  readonly value: number;
  /** Offset of its first character, in UTF-16 units. */
  readonly start: number;
  /** Loki forgets the line of a token that it completes by looking past its first part. */
  readonly lineless: boolean;
}
