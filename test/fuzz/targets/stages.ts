import type { RowFunction } from '../../../src/planning/physical/expression.js';
import { type LogRow, readLabels, run } from '../../support/log-rows.js';
import type { SeededRandom } from '../../support/random.js';
import { mutatedText, randomText } from '../mutate.js';
import { accepts, type FuzzTarget, isPlainError } from '../target.js';
import { anyRegex } from './regex.js';

const LINES = [
  '{"level":"error","user":{"id":7,"tags":["a",{"b":null}]},"took":1.5e3,"msg":"two\\nlines \\u00e9 \\ud83d"}',
  '{"_entry":"inner line","pod":"p-1","n":12,"nested":{"x":"y"}}',
  'level=info msg="a \\"b\\" c" took=12ms bare =lost empty= dur=1m30s "q"=1 caf\u00e9=x',
  '10.0.0.1 - "GET /api/x?y=1" 200 77',
  '\u001b[31mERROR\u001b[0m plain',
  `${'{"a":'.repeat(150)}1${'}'.repeat(150)}`,
  `{"a":[${'['.repeat(300)}`,
];
const PIECES = [
  '"',
  '\\"',
  '\\u12',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '=',
  ' ',
  '\n',
  '\ufffd',
  'null',
  '1e9',
  '<_>',
  '__error__',
];
const PATTERNS = [
  '<ip> - "<method> <path>" <status> <_>',
  '<a>',
  'level=<level> <_>',
  '[<x>]',
  '<a><b>',
  '<_>',
  'x<y>x<y>',
];
const PATHS = ['user.id', 'user.tags[1].b', '["a.b"]', 'a[0][0]', '', 'user..id', 'took', 'a[99999999999]'];

function anyRow(random: SeededRandom): LogRow {
  const line = random.chance(0.1)
    ? randomText(random, 80)
    : mutatedText(random, random.pick(LINES), random.pick(LINES), PIECES);
  return {
    labels: { app: random.pick(['a', 'b']) },
    line,
    ...(random.chance(0.3) ? { metadata: { level: 'warn' } } : {}),
  };
}

function anyStage(random: SeededRandom): RowFunction {
  const extractions = [
    { name: 'x', expression: random.pick(PATHS) },
    { name: 'app', expression: mutatedText(random, 'a.b[0]', 'user') },
  ];
  switch (random.below(8)) {
    case 0:
      return { kind: 'parse-json', ...(random.chance(0.3) ? { keys: ['level', 'user_id'] } : {}) };
    case 1:
      return { kind: 'parse-json-expressions', extractions };
    case 2:
      return { kind: 'parse-logfmt', strict: random.chance(0.5), keepEmpty: random.chance(0.5) };
    case 3:
      return {
        kind: 'parse-regexp',
        pattern: random.chance(0.5) ? `(?P<x>${anyRegex(random)})` : '(?P<x>\\w+)=(?P<y>.*)',
      };
    case 4:
      return {
        kind: 'parse-pattern',
        pattern: mutatedText(random, random.pick(PATTERNS), random.pick(PATTERNS), PIECES),
      };
    case 5:
      return { kind: 'unpack' };
    case 6:
      return { kind: 'decolorize' };
    default:
      return {
        kind: 'unwrap',
        label: random.pick(['took', 'dur', 'n']),
        conversion: random.pick(['none', 'bytes', 'duration', 'duration_seconds']),
        keepLabel: false,
      };
  }
}

/** Parsers take any line; what they find can be read. */
export const stages: FuzzTarget = {
  name: 'stages',
  weight: 0.5,
  attempt(random) {
    const rows = Array.from({ length: 1 + random.below(4) }, () => anyRow(random));
    const functions = Array.from({ length: 1 + random.below(3) }, () => anyStage(random));
    return accepts(() => readLabels(run(rows, ...functions)), isPlainError);
  },
};
