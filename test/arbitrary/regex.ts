import fc from 'fast-check';

/** Patterns of RE2 syntax, dense in features, over an alphabet small enough for matches to be common. */
export function anyPattern(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('', '', '', '(?i)', '(?s)', '(?m)', '(?U)', '(?is)'), PATTERN)
    .map(([flags, pattern]) => flags + pattern);
}

/** Text that the patterns above have a chance with, as bytes; about a third holds invalid UTF-8. */
export function anyLine(): fc.Arbitrary<Buffer> {
  const piece = fc.constantFrom(
    ...'aabbcABkK1 _-.\n',
    'ab',
    'abc',
    'foo',
    'é',
    '€',
    '😀',
    '\u017f',
    '\u212a',
    '\ufffd',
  );
  const junk = fc.constantFrom('\x80', '\xc3', '\xe2\x82', '\xf0\x9f', '\xff', '\xed\xa0\x80');
  const valid = fc.array(piece, { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')));
  const mixed = fc
    .array(
      fc.oneof(
        piece.map((text) => Buffer.from(text)),
        junk.map((text) => Buffer.from(text, 'latin1')),
      ),
      {
        maxLength: 12,
      },
    )
    .map((parts) => Buffer.concat(parts));
  return fc.oneof({ arbitrary: valid, weight: 2 }, { arbitrary: mixed, weight: 1 });
}

const ATOM = fc.oneof(
  { arbitrary: fc.constantFrom(...'aabbcABk1 _-', 'ab', 'foo', 'é', '€', '😀', '\\n'), weight: 4 },
  {
    arbitrary: fc.constantFrom(
      ...['.', '.*', '.+', '.*?', '(?s:.)', '(?s:.*)', '\\d', '\\w', '\\W', '\\s', '\\S', '[ab]', '[^a]', '[^\\n]'],
      ...['[a-c0-9]', '[[:alpha:]]', '[^[:^word:]k]', '[\\w-]', '[é-€]', '[^\\x00-\\x7f]', '[]a]', '\\x{FFFD}'],
      ...['\\Qa.b\\E', '\\.', '\\x61', '\\141', '\\pL', '(?i:ab)', '(?i:[ks])', '(?i:é)'],
    ),
    weight: 3,
  },
  { arbitrary: fc.constantFrom('^', '$', '\\A', '\\z', '\\b', '\\B', '(?m:^)', '(?m:$)'), weight: 1 },
);

const REPEAT = fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{2,}', '{0,2}?', '{0}');

const PATTERN = fc.letrec<{ node: string; group: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    ATOM,
    fc.array(tie('node'), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
    fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((options) => `(?:${options.join('|')})`),
    tie('group'),
    fc.tuple(tie('group'), REPEAT).map(([group, repeat]) => group + repeat),
  ),
  group: fc
    .tuple(fc.constantFrom('(', '(?:', '(?P<x>', '(?<y>', '(?i:', '(?s:'), tie('node'))
    .map(([open, node]) => `${open}${node})`),
})).node;
