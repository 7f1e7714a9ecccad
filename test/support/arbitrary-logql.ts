import fc from 'fast-check';
import type {
  BinaryOp,
  CompareOp,
  Expr,
  Grouping,
  LabelFilter,
  LineFilter,
  LogExpr,
  LogRange,
  Matcher,
  MatchOp,
  MetricExpr,
  RangeAggregationExpr,
  RangeOp,
  Stage,
  Unwrap,
  VectorAggregationExpr,
  VectorMatching,
  VectorOp,
} from '../../src/planning/logql/ast.js';

/** What the queries talk about. Name what a data set has, and they find something in it. */
export interface LogQLVocabulary {
  readonly labelNames: readonly string[];
  readonly texts: fc.Arbitrary<string>;
}

/** Every kind of name and text that can be written down, function names and odd characters among them. */
export const ANY_VOCABULARY: LogQLVocabulary = {
  labelNames: ['app', 'env', '_x', 'a1', 'sum', 'rate', 'duration', 'bytes', 'ip', 'vector', 'topk', 'label_replace'],
  texts: fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }), fc.constant('it`s "\\n"')),
};

/** Valid trees: each prints as a query that parses to the same tree. */
export interface LogQLArbitraries {
  readonly expr: fc.Arbitrary<Expr>;
  readonly log: fc.Arbitrary<LogExpr>;
  readonly metric: fc.Arbitrary<MetricExpr>;
  readonly stage: fc.Arbitrary<Stage>;
  readonly labelFilter: fc.Arbitrary<LabelFilter>;
}

const REGEXES = ['', '.*', '.+', 'a|b', '(?i)err(or)?', '^x\\d{2,3}$', '\\p{Han}', 'foo.*bar'];
const CAPTURING = ['(?P<a>\\w+)', '(?<x>a) (?P<y_1>[^ ]*)', 'id=(?P<id>\\d+)( .*)?'];
const PATTERNS = ['<ip> - <_>', '<_> "<method> <path>"', '[<level>]'];
const LINE_PATTERNS = ['', 'plain', '<_> x', 'a <_> b <_>'];
const TEMPLATES = ['', 'x', '{{.a}}', '{{ .a | ToUpper }} "{{ .b }}"', '{{ if eq .a "1" }}y{{ end }}'];
const JSON_PATHS = ['a', 'a.b', 'a.b[0].c', '["http.host"]', 'a["b c"][1]'];
const ADDRESSES = ['10.0.0.1', '10.0.0.0/8', '192.168.4.1-192.168.4.99', '2001:db8::/32'];

const PLAIN_RANGE_OPS: readonly RangeOp[] = ['count_over_time', 'bytes_over_time', 'bytes_rate'];
const EITHER_RANGE_OPS: readonly RangeOp[] = ['rate', 'absent_over_time'];
const UNWRAP_RANGE_OPS: readonly RangeOp[] = ['rate_counter', 'sum_over_time'];
const GROUPING_RANGE_OPS: readonly RangeOp[] = [
  ...(['avg_over_time', 'min_over_time', 'max_over_time', 'stddev_over_time', 'stdvar_over_time'] as const),
  ...(['quantile_over_time', 'first_over_time', 'last_over_time'] as const),
];
const VECTOR_OPS: readonly VectorOp[] = [
  ...(['sum', 'avg', 'min', 'max', 'count', 'stddev', 'stdvar'] as const),
  ...(['topk', 'bottomk', 'approx_topk', 'sort', 'sort_desc'] as const),
];
const BINARY_OPS: readonly BinaryOp[] = [
  ...(['+', '-', '*', '/', '%', '^', '==', '!=', '>', '>=', '<', '<=', 'and', 'or', 'unless'] as const),
];
const COMPARE_OPS: readonly CompareOp[] = ['==', '!=', '>', '>=', '<', '<='];
const PARAMETER_OPS: ReadonlySet<VectorOp> = new Set(['topk', 'bottomk', 'approx_topk']);
const GROUPLESS_OPS: ReadonlySet<VectorOp> = new Set(['approx_topk', 'sort', 'sort_desc']);

const from = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const wholeNs = fc.oneof(
  fc.integer({ min: -1e6, max: 1e6 }),
  fc.integer({ min: -1e6, max: 1e6 }).map((n) => n * 1e9),
);

export function arbitraryLogQL(vocabulary: LogQLVocabulary = ANY_VOCABULARY): LogQLArbitraries {
  const name = from(vocabulary.labelNames);
  const names = fc.array(name, { maxLength: 3 });
  const matcher = arbitraryMatcher(name, vocabulary.texts);
  const labelFilter = arbitraryLabelFilter(name, matcher);
  const stage = arbitraryStage(name, matcher, labelFilter, vocabulary.texts);
  const log = fc.record({
    kind: fc.constant('log' as const),
    matchers: fc.tuple(naming(name), fc.array(matcher, { maxLength: 2 })).map(([first, rest]) => [first, ...rest]),
    stages: fc.array(stage, { maxLength: 4 }).map(sayable),
  });
  const grouping = fc.record({ kind: from(['by', 'without'] as const), labels: names });
  const range = arbitraryRangeAggregation(log, arbitraryUnwrap(name, labelFilter), grouping);
  const metric = arbitraryMetric(range, names, grouping, vocabulary.texts);
  return { expr: fc.oneof(log, metric), log, metric, stage, labelFilter };
}

/** In `| drop a != "x"` the condition is part of the drop, so a line filter cannot follow there. */
function sayable(stages: readonly Stage[]): Stage[] {
  const kept: Stage[] = [];
  for (const stage of stages) {
    const last = kept.at(-1);
    const open = (last?.kind === 'drop' || last?.kind === 'keep') && typeof last.labels.at(-1) === 'string';
    const swallowed = stage.kind === 'line-filter' && (stage.op === '!=' || stage.op === '!~');
    if (!(open && swallowed)) kept.push(stage);
  }
  return kept;
}

/** A matcher that makes a selector valid: it refuses the empty value. */
function naming(name: fc.Arbitrary<string>): fc.Arbitrary<Matcher> {
  const rest = from([
    { op: '=', value: 'x' },
    { op: '=~', value: '.+' },
    { op: '!=', value: '' },
    { op: '!~', value: 'x?' },
  ] as const);
  return fc.tuple(name, rest).map(([label, condition]) => ({ name: label, ...condition }));
}

function arbitraryMatcher(name: fc.Arbitrary<string>, text: fc.Arbitrary<string>): fc.Arbitrary<Matcher> {
  return fc.oneof(
    fc.record({ name, op: from<MatchOp>(['=', '!=']), value: text }),
    fc.record({ name, op: from<MatchOp>(['=~', '!~']), value: from(REGEXES) }),
  );
}

function arbitraryLabelFilter(name: fc.Arbitrary<string>, matcher: fc.Arbitrary<Matcher>): fc.Arbitrary<LabelFilter> {
  const op = from(COMPARE_OPS);
  const bytes = fc.oneof(
    fc.nat(),
    fc.nat(4096).map((n) => n * 1024),
    fc.nat(99).map((n) => n * 100_000),
  );
  const leaf: fc.Arbitrary<LabelFilter> = fc.oneof(
    fc.record({ kind: fc.constant('string' as const), matcher }),
    fc.record({ kind: fc.constant('number' as const), name, op, value: finite }),
    fc.record({ kind: fc.constant('duration' as const), name, op, value: wholeNs }),
    fc.record({ kind: fc.constant('bytes' as const), name, op, value: bytes }),
    fc.record({ kind: fc.constant('ip' as const), name, op: from(['=', '!='] as const), value: from(ADDRESSES) }),
  );
  const { filter } = fc.letrec<{ filter: LabelFilter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.record({ kind: from(['and', 'or'] as const), left: tie('filter'), right: tie('filter') }),
    ),
  }));
  return filter;
}

function arbitraryLineFilter(text: fc.Arbitrary<string>): fc.Arbitrary<LineFilter> {
  const some = <T>(operand: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(operand, { minLength: 1, maxLength: 3 });
  const textual = (value: fc.Arbitrary<string>) => fc.record({ kind: fc.constant('text' as const), value });
  const ip = fc.record({ kind: fc.constant('ip' as const), value: from(ADDRESSES) });
  const kind = fc.constant('line-filter' as const);
  return fc.oneof(
    fc.record({ kind, op: from(['|=', '!='] as const), operands: some(fc.oneof(textual(text), ip)) }),
    fc.record({ kind, op: from(['|~', '!~'] as const), operands: some(textual(from(REGEXES))) }),
    fc.record({ kind, op: from(['|>', '!>'] as const), operands: some(textual(from(LINE_PATTERNS))) }),
  );
}

function arbitraryStage(
  name: fc.Arbitrary<string>,
  matcher: fc.Arbitrary<Matcher>,
  filter: fc.Arbitrary<LabelFilter>,
  text: fc.Arbitrary<string>,
): fc.Arbitrary<Stage> {
  const extractions = (expression: fc.Arbitrary<string>) => fc.array(fc.record({ name, expression }), { maxLength: 2 });
  const picks = fc.array(fc.oneof(name, matcher), { minLength: 1, maxLength: 3 });
  const format = fc.oneof(
    fc.record({ kind: fc.constant('rename' as const), name, source: name }),
    fc.record({ kind: fc.constant('template' as const), name, template: from(TEMPLATES) }),
  );
  const formats = fc.uniqueArray(format, { minLength: 1, maxLength: 3, selector: (one) => one.name });
  const flags = { strict: fc.boolean(), keepEmpty: fc.boolean() };
  return fc.oneof(
    arbitraryLineFilter(text),
    fc.record({ kind: fc.constant('json' as const), extractions: extractions(from(JSON_PATHS)) }),
    fc.record({ kind: fc.constant('logfmt' as const), ...flags, extractions: extractions(name) }),
    fc.record({ kind: fc.constant('regexp' as const), pattern: from(CAPTURING) }),
    fc.record({ kind: fc.constant('pattern' as const), pattern: from(PATTERNS) }),
    fc.record({ kind: from(['unpack', 'decolorize'] as const) }),
    fc.record({ kind: fc.constant('label-filter' as const), filter }),
    fc.record({ kind: fc.constant('line-format' as const), template: from(TEMPLATES) }),
    fc.record({ kind: fc.constant('label-format' as const), formats }),
    fc.record({ kind: from(['drop', 'keep'] as const), labels: picks }),
  );
}

function arbitraryUnwrap(name: fc.Arbitrary<string>, filter: fc.Arbitrary<LabelFilter>): fc.Arbitrary<Unwrap> {
  return fc.record({
    label: name,
    conversion: from(['none', 'bytes', 'duration', 'duration_seconds'] as const),
    filters: fc.array(filter, { maxLength: 2 }),
  });
}

function arbitraryRangeAggregation(
  log: fc.Arbitrary<LogExpr>,
  unwrap: fc.Arbitrary<Unwrap>,
  grouping: fc.Arbitrary<Grouping>,
): fc.Arbitrary<RangeAggregationExpr> {
  const window = { rangeNs: fc.nat().map((ms) => ms * 1e6), offsetNs: wholeNs };
  const lines: fc.Arbitrary<LogRange> = fc.record({ log, ...window });
  const samples: fc.Arbitrary<LogRange> = fc.record({ log, unwrap, ...window });
  const kind = fc.constant('range-aggregation' as const);
  const grouped = fc
    .tuple(
      from(GROUPING_RANGE_OPS),
      samples,
      fc.option(grouping, { nil: undefined }),
      fc.double({ min: 0, max: 2, noNaN: true }),
    )
    .map(
      ([op, range, groups, quantile]): RangeAggregationExpr => ({
        kind: 'range-aggregation',
        op,
        range,
        ...(op === 'quantile_over_time' ? { parameter: Math.abs(quantile) } : {}),
        ...(groups === undefined ? {} : { grouping: groups }),
      }),
    );
  return fc.oneof(
    fc.record({ kind, op: from([...PLAIN_RANGE_OPS, ...EITHER_RANGE_OPS]), range: lines }),
    fc.record({ kind, op: from([...UNWRAP_RANGE_OPS, ...EITHER_RANGE_OPS]), range: samples }),
    grouped,
  );
}

function arbitraryMetric(
  range: fc.Arbitrary<RangeAggregationExpr>,
  names: fc.Arbitrary<string[]>,
  grouping: fc.Arbitrary<Grouping>,
  text: fc.Arbitrary<string>,
): fc.Arbitrary<MetricExpr> {
  const literal = fc.record({ kind: fc.constant('literal' as const), value: finite });
  const vector = fc.record({ kind: fc.constant('vector' as const), value: finite.map(Math.abs) });
  const { metric } = fc.letrec<{ metric: MetricExpr }>((tie) => ({
    metric: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      range,
      vector,
      literal,
      arbitraryVectorAggregation(tie('metric'), grouping),
      arbitraryBinary(tie('metric'), names),
      fc.record({
        kind: fc.constant('label-replace' as const),
        inner: tie('metric'),
        destination: text,
        replacement: text,
        source: text,
        pattern: from(REGEXES),
      }),
    ),
  }));
  return metric;
}

function arbitraryVectorAggregation(
  inner: fc.Arbitrary<MetricExpr>,
  grouping: fc.Arbitrary<Grouping>,
): fc.Arbitrary<VectorAggregationExpr> {
  const parts = fc.tuple(from(VECTOR_OPS), inner, fc.integer({ min: 1 }), fc.option(grouping, { nil: undefined }));
  return parts.map(([op, operand, k, groups]) => ({
    kind: 'vector-aggregation',
    op,
    inner: operand,
    ...(PARAMETER_OPS.has(op) ? { parameter: k } : {}),
    ...(groups === undefined || GROUPLESS_OPS.has(op) ? {} : { grouping: groups }),
  }));
}

/** Literals are no legs of set operators, and an operator between two of them is folded by the parser. */
function arbitraryBinary(leg: fc.Arbitrary<MetricExpr>, names: fc.Arbitrary<string[]>): fc.Arbitrary<MetricExpr> {
  const group = fc.record({ side: from(['left', 'right'] as const), include: names });
  const matching: fc.Arbitrary<VectorMatching> = fc.oneof(
    fc.record({ kind: from(['on', 'ignoring'] as const), labels: names }),
    fc.record({ kind: from(['on', 'ignoring'] as const), labels: names, group }),
  );
  return fc
    .tuple(from(BINARY_OPS), leg, leg, fc.boolean(), fc.option(matching, { nil: undefined }))
    .map(([op, left, right, bool, match]): MetricExpr => {
      const set = op === 'and' || op === 'or' || op === 'unless';
      if (left.kind === 'literal' && (set || right.kind === 'literal')) return right;
      if (right.kind === 'literal' && set) return left;
      return { kind: 'binary', op, left, right, bool, ...(match === undefined ? {} : { matching: match }) };
    });
}
