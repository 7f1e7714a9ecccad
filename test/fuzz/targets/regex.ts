import { compileCaptures } from '../../../src/execution/regex/captures.js';
import { compileLineMatcher, compileStringMatcher } from '../../../src/execution/regex/compile.js';
import type { SeededRandom } from '../../support/random.js';
import { mutatedText, randomBytes, randomText } from '../mutate.js';
import { accepts, type FuzzTarget } from '../target.js';

const PATTERNS = [
  ...[
    '(a+)+$',
    '(?i)err(or)?',
    '^x\\d{2,3}$',
    '\\p{Han}+',
    'foo.*bar',
    '(a|b|ab)*c',
    '[^\\x00-\\x7f]',
    '(?P<x>\\w+) (?P<y>.*)',
  ],
  ...[
    '(x{0,50}){0,19}',
    '((a{0,5}){0,5}){0,5}',
    '\\b(GET|POST)\\b',
    '(?s).+\\n.+',
    '(?m)^a$',
    'a{1000}',
    '[[:alpha:]]+',
  ],
  ...['(?U)a*?b+?', '\\Qa.b\\E', '(?:|a)*', '(.*)(.*)(.*)(.*)x', '(?i)[k-s]ſ', '\\C', '[a-\\d]', '\\pN', '(?-i:x)'],
];
const PIECES = [
  ...['*', '+', '?', '|', '(', ')', '(?:', '(?P<n>', '[', ']', '[^', '{2,5}', '{1000}', '.', '^', '$', '\\b', '\\B'],
  ...[
    '\\d',
    '\\w',
    '\\s',
    '\\p{L}',
    '\\P{Greek}',
    '\\x{10ffff}',
    '\\A',
    '\\z',
    '(?i)',
    '(?s)',
    'a',
    'é',
    '\u{1f600}',
    '-',
  ],
];

export function anyRegex(random: SeededRandom): string {
  if (random.chance(0.1)) return randomText(random, 20);
  if (random.chance(0.5)) return mutatedText(random, random.pick(PATTERNS), random.pick(PATTERNS), PIECES);
  let pattern = '';
  for (let i = 1 + random.below(8); i > 0; i--) pattern += random.pick(random.chance(0.3) ? PATTERNS : PIECES);
  return pattern;
}

function anyLine(random: SeededRandom): Buffer {
  if (random.chance(0.3)) return randomBytes(random, 40);
  const text = random.pick(['aaaaaaaaaaaaaaaaaaaaaaaa!', 'GET /x error é名', 'foo a bar\nx12 ſK', 'abababc', '']);
  return Buffer.from(text.repeat(1 + random.below(random.chance(0.05) ? 400 : 3)));
}

/** Searching a line says the same as finding the groups in it. */
function search(pattern: string, random: SeededRandom): void {
  const matcher = compileLineMatcher(pattern);
  compileStringMatcher(pattern, { mode: 'full', dotAll: true })('some value');
  const captures = compileCaptures(pattern);
  const spans = new Int32Array(2 * captures.names.length + 2);
  for (let i = 0; i < 3; i++) {
    const line = anyLine(random);
    const matches = matcher.match(Int32Array.of(0, line.length), line, null, 1, new Int32Array(1)) === 1;
    const finds = captures.find(line, 0, line.length, spans);
    // As in Loki, `.*` and `.+` alone let newlines pass where the dot does not.
    if (matches !== finds && !line.includes(0x0a)) {
      throw new TypeError(`${JSON.stringify(pattern)} on ${line.toString('hex')}: match ${matches}, groups ${finds}`);
    }
  }
}

export const regex: FuzzTarget = {
  name: 'regex',
  weight: 0.3,
  attempt(random) {
    const pattern = anyRegex(random);
    return accepts(
      () => search(pattern, random),
      (error) => error.constructor === Error && error.message.startsWith('error parsing regexp: '),
    );
  },
};
