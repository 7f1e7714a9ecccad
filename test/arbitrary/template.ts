import { TEMPLATE_FUNCTIONS } from '../../src/planning/template/functions.js';
import type { SeededRandom } from '../support/random.js';

const FUNCTIONS = [...TEMPLATE_FUNCTIONS];
/** Calls that take any text as their last argument, so that not all ends in an error. */
const TEXT_CALLS = [
  'ToUpper',
  'lower',
  'title',
  'trim',
  'len',
  'b64enc',
  'b64dec',
  'urlencode',
  'js',
  'fromJson',
  'trunc 3',
];
const SAFE_CALLS = [
  ...TEXT_CALLS,
  'print 1',
  'printf "%v|%5q"',
  'default 2',
  'int',
  'float64',
  'not',
  'eq "a"',
  'alignRight 4',
];
const TEXT_FIELDS = ['.a', '.json', '$.n', '__line__', '"lit"'];
const LITERALS = [
  '1',
  '-2',
  '0',
  '1.5',
  '1e9',
  '0x1f',
  "'a'",
  '"text"',
  '`raw`',
  '"%d %s"',
  '""',
  '"2006-01-02"',
  'true',
  'nil',
  '3i',
  '99999999999',
];
const FIELDS = [
  '.',
  '.a',
  '.json',
  '.a.b',
  '$',
  '$.json',
  '$x',
  '$x.a',
  '__line__',
  '__timestamp__.Year',
  '(fromJson .json).list',
];
const TEXTS = ['', 'text ', '\n', '}}', '{', 'é'];
const PIECES = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  '|',
  '(',
  ')',
  '.',
  '$',
  '"',
  '`',
  "'",
  ':=',
  '=',
  ',',
  '/*',
  '*/',
  'end',
  'if',
  'range',
  'define',
  '%',
  '\\',
  '\u{1d11e}',
  '\x00',
];

/** A template that mostly parses: every construct of the language with operands of all kinds. */
export function arbitraryTemplate(random: SeededRandom, depth = 3): string {
  let out = '{{$x := .json}}';
  for (let i = 1 + random.below(3); i > 0; i--) out += random.pick(TEXTS) + action(random, depth);
  return out;
}

function action(random: SeededRandom, depth: number): string {
  const body = (): string => (depth > 0 ? action(random, depth - 1) : 'x');
  switch (random.below(depth > 0 ? 9 : 2)) {
    case 0:
      return `{{$x = ${pipeline(random, depth)}}}`;
    case 2:
      return `{{if ${pipeline(random, depth)}}}${body()}{{else}}${body()}{{end}}`;
    case 3:
      return `{{range $i, $e := ${pipeline(random, depth)}}}{{$i}}${body()}{{else}}${body()}{{end}}`;
    case 4:
      return `{{range ${pipeline(random, depth)}}}${body()}{{if .}}{{break}}{{end}}{{continue}}{{end}}`;
    case 5:
      return `{{with ${pipeline(random, depth)}}}${body()}{{end}}`;
    case 6:
      return `{{block "b${random.below(1e9)}" ${pipeline(random, depth)}}}{{$x := .}}${body()}{{end}}`;
    case 7:
      return `{{- /* note */ -}}${body()}`;
    default:
      return `{{${pipeline(random, depth)}}}`;
  }
}

function pipeline(random: SeededRandom, depth: number): string {
  let out = command(random, depth);
  while (random.chance(0.3)) {
    out += ` | ${random.chance(0.7) ? random.pick(SAFE_CALLS) : call(random, depth, random.below(3))}`;
  }
  return out;
}

function command(random: SeededRandom, depth: number): string {
  if (random.chance(0.6)) return `${random.pick(SAFE_CALLS)} ${random.pick(TEXT_FIELDS)}`;
  return random.chance(0.6) ? call(random, depth, random.below(4)) : operand(random, depth);
}

function call(random: SeededRandom, depth: number, args: number): string {
  let out = random.pick(FUNCTIONS);
  for (let i = 0; i < args; i++) out += ` ${operand(random, depth)}`;
  return out;
}

function operand(random: SeededRandom, depth: number): string {
  if (random.chance(0.3)) return random.pick(TEXT_FIELDS);
  if (depth > 0 && random.chance(0.3)) return `(${pipeline(random, depth - 1)})`;
  return random.pick(random.chance(0.5) ? FIELDS : LITERALS);
}

/** Cuts, doubles and inserts at random. */
export function mutatedTemplate(random: SeededRandom, template: string): string {
  let out = template;
  for (let i = 1 + random.below(3); i > 0; i--) {
    const at = random.below(out.length + 1);
    const end = Math.min(out.length, at + random.below(6));
    const middle = random.pick([random.pick(PIECES), out.slice(at, end).repeat(2), '']);
    out = out.slice(0, at) + middle + out.slice(end);
  }
  return out;
}
