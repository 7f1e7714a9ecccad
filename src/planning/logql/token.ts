import type { RangeOp, VectorOp } from './ast.js';

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

const RANGE_OPS: readonly RangeOp[] = [
  ...(['count_over_time', 'rate', 'rate_counter', 'bytes_over_time', 'bytes_rate'] as const),
  ...(['sum_over_time', 'avg_over_time', 'min_over_time', 'max_over_time', 'stddev_over_time'] as const),
  ...(['stdvar_over_time', 'quantile_over_time', 'first_over_time', 'last_over_time', 'absent_over_time'] as const),
];

const VECTOR_OPS: readonly VectorOp[] = [
  ...(['sum', 'avg', 'min', 'max', 'count', 'stddev', 'stdvar'] as const),
  ...(['topk', 'bottomk', 'approx_topk', 'sort', 'sort_desc'] as const),
];

const upperCased = <Op extends string>(ops: readonly Op[]): ReadonlyMap<string, Op> =>
  new Map(ops.map((op) => [op.toUpperCase(), op]));

/** What a token of one of these kinds stands for. */
export const RANGE_OP_OF: ReadonlyMap<string, RangeOp> = upperCased(RANGE_OPS);
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
  ...[...RANGE_OPS, ...VECTOR_OPS].map((op): [string, TokenKind] => [op, op.toUpperCase() as Uppercase<typeof op>]),
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
