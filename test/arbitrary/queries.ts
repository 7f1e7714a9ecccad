/** Queries over the data sets of entries.ts, as text: nearly all of them valid, most of them with an answer. */
import fc from 'fast-check';
import type { QueryRequest } from '../../src/wire/query.js';
import { requestOf, SECOND, T0 } from '../support/query-system.js';

type Text = fc.Arbitrary<string>;

const from = (...values: string[]): Text => fc.constantFrom(...values);
const quoted = (text: string): string => JSON.stringify(text);

/** Lets a text be put together from others: `text`${selector} | json``. */
function text(strings: TemplateStringsArray, ...parts: Text[]): Text {
  return fc.tuple(...parts).map((chosen) => strings.map((before, i) => before + (chosen[i] ?? '')).join(''));
}

function list(part: Text, minLength: number, maxLength: number, separator = ', '): Text {
  return fc.array(part, { minLength, maxLength }).map((parts) => parts.join(separator));
}

function names(maxLength = 2, minLength = 1): Text {
  return fc.uniqueArray(name, { minLength, maxLength }).map((all) => all.join(', '));
}

/** Labels of streams, of metadata and of lines. */
const name = from(
  'app',
  'env',
  'level',
  'status',
  'dur',
  'size',
  'n',
  'count',
  'msg',
  'ip',
  'trace',
  'pod',
  'user_id',
  'level_extracted',
  'method',
  'nosuch',
);

/** Labels that several rows share. */
const common = from('app', 'env', 'level', 'status', 'app, env', 'app, level');

const selector = fc.oneof(
  { arbitrary: from('{app=~".+"}', '{app=~"a|b|c"}'), weight: 3 },
  {
    arbitrary: from(
      ...['{app="a"}', '{app=~"a|b"}', '{env="prod"}', '{app="b", env!="prod"}', '{app=~".+", env=""}'],
      ...['{app!="c", env=~"p.*"}', '{app!~"b|", level!="x"}', '{app="c"}', '{app="nope"}'],
    ),
    weight: 2,
  },
);

const needle = from(
  ...[
    'level',
    'error',
    'GET',
    'é',
    '200',
    '"',
    'n=',
    ' ',
    '{',
    'x',
    '',
    'hello',
    '日本',
    '500',
    'api',
    '\n',
    '.*',
    '{"level"',
  ],
).map(quoted);
const pattern = from(
  ...[
    'lev.l',
    'err|warn',
    '(?i)ERROR',
    '^\\{',
    '\\d{3}',
    'GET|POST',
    '.*',
    '.+',
    '',
    'a.b',
    '[^ -~]',
    '"n":\\s*\\d',
    'x$',
    '\\bquery\\b',
    '(?s)two.lines',
    '^(GET|.*POST)',
    'level=(info|warn) ',
    '[[:digit:]]{2,}[^0-9]',
    'hello.*world',
    '(a|ab)(c|bcd)?\\s',
    '\\p{Han}+|🚀',
    '.*error.*',
  ],
).map(quoted);
const linePattern = from('<_> - <_>', '<_>"GET <_>', 'level=<_>', '<_>', '', '{<_>}', '<_>error<_>', '<_> <_> <_>').map(
  quoted,
);
const address = from('10.0.0.1', '10.0.0.0/24', '10.0.0.5-10.0.1.0', '2001:db8::/32', '192.168.0.0/16').map(
  (ip) => `ip("${ip}")`,
);

const lineFilter = fc.oneof(
  text`${from('|=', '!=')} ${list(fc.oneof(needle, needle, needle, address), 1, 3, ' or ')}`,
  text`${from('|~', '!~')} ${list(pattern, 1, 2, ' or ')}`,
  text`${from('|>', '!>')} ${list(linePattern, 1, 2, ' or ')}`,
);

const value = from(
  'info',
  'warn',
  'a',
  'prod',
  '500',
  '200',
  '',
  't1',
  '10ms',
  'hello world',
  'POST',
  '7',
  'again',
).map(quoted);
const valuePattern = from('', '.*', '.+', 'in.o|warn', '5..', 'p.*', '[a-c]', '\\d+').map(quoted);
const matcher = fc.oneof(text`${name}${from('=', '!=')}${value}`, text`${name}${from('=~', '!~')}${valuePattern}`);
const compare = from('>', '>=', '<', '<=', '==', '!=', '=');
const typed = fc.oneof(
  text`${from('status', 'n', 'count', 'n', 'user_id', 'size', 'nosuch')} ${compare} ${from('0', '200', '404', '2.5', '-1', '5', '1e3')}`,
  text`${from('dur', 'dur', 'n')} ${compare} ${from('10ms', '1s', '90s', '1d', '0s', '1m30s')}`,
  text`${from('size', 'size', 'count')} ${compare} ${from('1KB', '5KiB', '77B', '2MB', '1.5MB', '12.5KB', '1GiB', '20B')}`,
  text`${from('ip', 'ip', 'msg')} ${from('=', '!=')} ${address}`,
);
const errorFilter = from('__error__=""', '__error__!=""', '__error__="JSONParserErr"', '__error__=~"Label.*|"');
const simpleFilter: Text = fc.oneof(
  { arbitrary: matcher, weight: 3 },
  { arbitrary: typed, weight: 3 },
  { arbitrary: errorFilter, weight: 1 },
);
const connective = from(' and ', ' or ', ', ', ' ');
const labelFilter = fc.oneof(
  { arbitrary: simpleFilter, weight: 4 },
  { arbitrary: text`${simpleFilter}${connective}${simpleFilter}`, weight: 2 },
  { arbitrary: text`(${simpleFilter} or ${simpleFilter}) and ${simpleFilter}`, weight: 1 },
  { arbitrary: text`${simpleFilter}${connective}${simpleFilter}${connective}${simpleFilter}`, weight: 1 },
);

const jsonPath = from(
  'level',
  'status',
  'n',
  'user.name',
  'user.deep.x',
  'user',
  'arr[0]',
  'arr[1].x',
  '[\\"a.b c\\"]',
  'nosuch',
  'nil',
).map((path) => `"${path}"`);
/** Each label is asked for once: which value it has otherwise is a matter of luck. */
const pathExtractions = fc
  .uniqueArray(
    fc.oneof(
      name.map((each) => [each, each] as const),
      fc.tuple(from('x1', 'y1', 'level', 'app', 'trace', 'status'), jsonPath),
    ),
    { minLength: 1, maxLength: 2, selector: ([label]) => label },
  )
  .map((all) => all.map(([label, path]) => (label === path ? label : `${label}=${path}`)).join(', '));
/** Which of two labels a key goes to is a matter of luck, so each is asked for once. */
const keyExtractions = fc
  .uniqueArray(fc.tuple(name, fc.option(from('x1', 'y1', 'level', 'app', 'trace', 'status'))), {
    minLength: 1,
    maxLength: 2,
    selector: ([key]) => key,
  })
  .map((all) => new Map(all.map(([key, as]) => [as ?? key, key])))
  .map((all) => [...all].map(([as, key]) => (as === key ? key : `${as}="${key}"`)).join(', '));
const parser = fc.oneof(
  {
    arbitrary: from(
      'json',
      'logfmt',
      'json',
      'logfmt',
      'logfmt --strict',
      'logfmt --keep-empty',
      'logfmt --strict --keep-empty',
      'unpack',
    ),
    weight: 6,
  },
  { arbitrary: text`json ${pathExtractions}`, weight: 1 },
  { arbitrary: text`logfmt ${from('', '--strict ')}${keyExtractions}`, weight: 1 },
  {
    arbitrary: text`regexp ${from('"(?P<method>GET|POST) (?P<path>[^ \\"]+)', '^(?P<ip>\\S+) - ', '(?P<level>info|warn)|(?P<status>\\d{3})', '(?P<app>.)(?P<n>\\d+)').map(quoted)}`,
    weight: 1,
  },
  {
    arbitrary: text`pattern ${from('<ip> - "<method> <path>" <status> <n>', '<_>level=<level> <_>', '<app> <_>', '{"<level>"<_>').map(quoted)}`,
    weight: 1,
  },
);

const template = from(
  ...[
    '{{.level}}',
    '{{.app}}-{{.nosuch}}',
    '{{.msg | ToUpper}}',
    '{{ .status }} {{ __line__ }}',
    'fixed',
    '',
    '{{ trunc 5 .msg }}',
  ],
  ...[
    '{{ if eq .level "info" }}I{{ else }}{{ .level }}{{ end }}',
    '{{ substr 1 3 .level }}',
    '{{ .n | replace "." "," }}',
    '{{ default "none" .trace }}',
    '{{.__error__}}x',
    'level={{.level}} n={{.n}} status={{.status}}',
    '{"n":"{{.count}}","level":"{{.level}}"}',
  ],
).map(quoted);
/** Without the line, which may or may not have been formatted in a metric query. */
const labelTemplate = from(
  '{{.level}}!',
  '{{.app}}-{{.env}}',
  '{{.n}}',
  '',
  '{{ substr 2 3 .status }}',
  '{{ lower .msg }}',
  '5',
  '{{.dur}}',
).map(quoted);
const target = from('level', 'x1', 'n', 'app', 'trace', 'dur', 'y1');
const labelFormat = fc
  .uniqueArray(fc.tuple(target, fc.oneof(name, labelTemplate)), { minLength: 1, maxLength: 2, selector: ([to]) => to })
  .map((all) => all.map(([to, what]) => (to === what ? `${to}="same"` : `${to}=${what}`)).join(', '));
const pick = fc.oneof(name, name, matcher, from('__error__', '__error_details__', '__error__="JSONParserErr"'));

const stage = fc.oneof(
  { arbitrary: lineFilter, weight: 4 },
  { arbitrary: text`| ${parser}`, weight: 6 },
  { arbitrary: text`| ${labelFilter}`, weight: 5 },
  { arbitrary: text`| line_format ${template}`, weight: 1 },
  { arbitrary: text`| label_format ${labelFormat}`, weight: 1 },
  { arbitrary: text`| ${from('drop', 'keep')} ${list(pick, 1, 3)}`, weight: 2 },
  { arbitrary: from('| decolorize'), weight: 1 },
);
/** Short ones mostly: each stage more leaves fewer rows. */
const pipeline = fc.oneof(
  { arbitrary: list(stage, 0, 1, ' '), weight: 3 },
  { arbitrary: list(stage, 2, 2, ' '), weight: 2 },
  { arbitrary: list(stage, 3, 5, ' '), weight: 1 },
);
const logQuery = text`${selector} ${pipeline}`;

const window = text`[${from('15m', '5m', '5m', '90s', '1m', '10s', '7s', '15m', '5m')}]${from('', '', '', ' offset 30s', ' offset -45s', ' offset 2m')}`;
const unwrap = text`| unwrap ${fc.oneof(from('n', 'count', 'count', 'status', 'user_id'), text`${from('duration', 'duration_seconds')}(dur)`, from('bytes(size)'))}${from(' | __error__=""', ' | __error__=""', ' | __error__=""', '', ' | n > 1 | __error__=""', ' | level="info"')}`;
const grouping = fc.oneof(
  text` by (${names()})`,
  text` by (${common})`,
  text` without (${names()})`,
  text` by (${names(2, 0)})`,
);
const clean = from('', ' | __error__=""', ' | drop __error__, __error_details__');
const lines = text`${selector} ${pipeline}${clean}`;
const samples = text`${selector} | ${from('logfmt', 'json', 'logfmt', 'json | logfmt')} ${fc.oneof(from(''), from(''), pipeline)} ${unwrap} ${window}`;

const range = fc.oneof(
  {
    arbitrary: text`${from('count_over_time', 'rate', 'bytes_over_time', 'bytes_rate', 'absent_over_time')}(${lines} ${window})`,
    weight: 6,
  },
  { arbitrary: text`${from('sum_over_time', 'rate', 'rate_counter', 'absent_over_time')}(${samples})`, weight: 3 },
  {
    arbitrary: text`${from('avg_over_time', 'min_over_time', 'max_over_time', 'stddev_over_time', 'stdvar_over_time', 'first_over_time', 'last_over_time')}(${samples})${fc.oneof(from(''), grouping)}`,
    weight: 3,
  },
  {
    arbitrary: text`quantile_over_time(${from('0.5', '0.99', '0', '1', '2', '0.123')}, ${samples})${fc.oneof(from(''), grouping)}`,
    weight: 1,
  },
);

const vectorOp = from('sum', 'sum', 'sum', 'avg', 'min', 'max', 'count', 'stddev', 'stdvar');
const aggregated = (inner: Text): Text =>
  fc.oneof(
    { arbitrary: text`${vectorOp}${fc.oneof(from(''), grouping)}(${inner})`, weight: 5 },
    {
      arbitrary: text`${from('topk', 'bottomk')}(${from('1', '2', '5')}, ${inner})${fc.oneof(from('', ''), grouping)}`,
      weight: 1,
    },
    { arbitrary: text`${from('sort', 'sort_desc')}(${inner})`, weight: 1 },
    {
      arbitrary: text`label_replace(${inner}, ${from('app', 'x1', 'level').map(quoted)}, ${from('$1', 'v-$2', 'fixed', '', '$1_').map(quoted)}, ${name.map(quoted)}, ${from('(.*)', '(.)(.*)', 'a', '', '(\\\\d+).*').map((re) => `"${re}"`)})`,
      weight: 1,
    },
  );

const arithmetic = from('+', '-', '*', '/', '%', '^');
const comparison = from('==', '!=', '>', '>=', '<', '<=');
const number = from('0', '1', '2', '0.5', '-1', '10', '1e3');
const matching = fc.oneof(
  from('', ''),
  text` on (${fc.oneof(common, names())})`,
  text` ignoring (${names()})`,
  text` on (${fc.oneof(from('app'), names(1))}) ${from('group_left', 'group_right')} (${names(1, 0)})`,
);
/** Two aggregations by the same labels, so that they match. */
const alike = (op: Text): Text =>
  fc
    .tuple(from('sum', 'count', 'max', 'min'), common, range, op, from('sum', 'count', 'avg'), range)
    .map(([left, by, a, between, right, b]) => `${left} by (${by}) (${a}) ${between} ${right} by (${by}) (${b})`);
const binary = (leg: Text): Text =>
  fc.oneof(
    text`${leg} ${arithmetic} ${number}`,
    text`${number} ${arithmetic} ${leg}`,
    text`${leg} ${comparison}${from('', ' bool')} ${number}`,
    text`${number} ${comparison}${from('', ' bool')} ${leg}`,
    alike(fc.oneof(arithmetic, text`${comparison}${from('', ' bool')}`, from('and', 'or', 'unless'))),
    alike(fc.oneof(arithmetic, text`${comparison}${from('', ' bool')}`, from('and on (app)', '/ on (app) group_left'))),
    text`${leg} ${arithmetic}${matching} ${leg}`,
    text`${leg} ${comparison}${from('', ' bool')}${matching} ${leg}`,
    text`${leg} ${from('and', 'or', 'unless')}${fc.oneof(from(''), text` on (${names(2, 0)})`, text` ignoring (${names()})`)} ${leg}`,
  );

const leg = fc.oneof(
  { arbitrary: text`${from('sum', 'count', 'max')} by (${fc.oneof(common, names())}) (${range})`, weight: 4 },
  { arbitrary: range, weight: 1 },
  { arbitrary: text`vector(${from('0', '1', '2.5')})`, weight: 1 },
  { arbitrary: text`sum(${range})`, weight: 1 },
);
const metricQuery = fc.oneof(
  { arbitrary: range, weight: 4 },
  { arbitrary: aggregated(range), weight: 6 },
  { arbitrary: aggregated(aggregated(range)), weight: 1 },
  { arbitrary: binary(leg), weight: 5 },
  { arbitrary: binary(text`(${binary(leg)})`), weight: 1 },
  { arbitrary: aggregated(binary(leg)), weight: 1 },
  { arbitrary: text`${number} ${fc.oneof(arithmetic, comparison)} ${number}`, weight: 1 },
);
const instantQuery = fc.oneof(
  { arbitrary: metricQuery, weight: 20 },
  {
    arbitrary: text`approx_topk(${from('1', '3')}, ${fc.oneof(range, text`sum by (${common}) (${range})`)})`,
    weight: 1,
  },
);

const seconds = fc.oneof(fc.constantFrom(0, 60, 300, 600), fc.integer({ min: -120, max: 780 }));
const moment = fc
  .tuple(seconds, fc.constantFrom(0n, 0n, 0n, 1n, 500_000_000n))
  .map(([s, ns]) => T0 + BigInt(s) * SECOND + ns);
const wide = fc.constant([T0 - 60n * SECOND, T0 + 700n * SECOND] as const);
const somewhere = fc.tuple(moment, moment).map(([a, b]) => (a < b ? ([a, b] as const) : ([b, a] as const)));

const span = fc.oneof({ arbitrary: wide, weight: 3 }, { arbitrary: somewhere, weight: 1 });

const logRequest = fc
  .tuple(
    logQuery,
    span,
    fc.oneof(fc.constant(1000), fc.integer({ min: 1, max: 30 })),
    fc.constantFrom('forward' as const, 'backward' as const),
    fc.constantFrom(0, 0, 0, 0, 30e9, 60e9, 1e9),
    fc.boolean(),
  )
  .map(([query, [start, end], limit, direction, intervalNs, categorizeLabels]) =>
    requestOf(query, { start, end, limit, direction, intervalNs, categorizeLabels }),
  );

const rangeRequest = fc
  .tuple(metricQuery, span, fc.constantFrom(15e9, 30e9, 60e9, 37e9, 120e9, 1000e9))
  .map(([query, [start, end], stepNs]) => requestOf(query, { start, end, stepNs }));

const instantRequest = fc
  .tuple(instantQuery, fc.constantFrom(120n, 300n, 601n))
  .map(([query, at]) => [query, T0 + at * SECOND] as const)
  .map(([query, at]) => requestOf(query, { mode: 'instant', start: at, end: at }));

export const arbitraryRequest: fc.Arbitrary<QueryRequest> = fc.oneof(
  { arbitrary: logRequest, weight: 2 },
  { arbitrary: rangeRequest, weight: 2 },
  { arbitrary: instantRequest, weight: 2 },
);
