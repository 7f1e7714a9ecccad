/** One step into a JSON value. */
export type PathStep =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number };

type Token =
  | { readonly kind: 'DOT' | 'LSB' | 'RSB' | '$end' }
  | { readonly kind: 'STRING' | 'FIELD'; readonly text: string }
  | { readonly kind: 'INDEX'; readonly index: number };

/**
 * Parses the path of `| json name="path"`: FIELD (.FIELD | [INT] | ["STRING"])*, where the first step may also be in
 * brackets. Throws an Error with Loki's text behind `cannot parse expression [...]: `.
 */
export function parseJsonPath(text: string): PathStep[] {
  const tokens = tokenize(text);
  const steps: PathStep[] = [];
  let at = 0;
  const take = (...kinds: Token['kind'][]): Token => {
    const token = tokens[at++]!;
    if (!kinds.includes(token.kind)) throw unexpected(token, kinds);
    return token;
  };
  const step = (token: Token): void => {
    if (token.kind === 'FIELD') steps.push({ kind: 'key', name: token.text });
    if (token.kind !== 'LSB') return;
    const inner = take('STRING', 'INDEX');
    if (inner.kind === 'STRING') steps.push({ kind: 'key', name: inner.text });
    if (inner.kind === 'INDEX') steps.push({ kind: 'index', index: inner.index });
    take('RSB');
  };
  step(take('LSB', 'FIELD'));
  for (let token = tokens[at++]!; token.kind !== '$end'; token = tokens[at++]!) {
    if (token.kind === 'DOT') step(take('FIELD'));
    else if (token.kind === 'LSB') step(token);
    else throw unexpected(token, []);
  }
  return steps;
}

/**
 * Parses the key of `| logfmt name="key"`: a field, or strings in quotes (all but the first of which Loki appends with
 * spaces). Throws an Error with Loki's text behind `cannot parse expression [...]: `.
 */
export function parseLogfmtKey(text: string): string {
  const tokens = tokenize(text, true);
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === '$end' && words.length > 0) break;
    const fits = token.kind === 'STRING' || (token.kind === 'FIELD' && words.length === 0);
    if (!fits) throw unexpected(token, words.length === 0 ? ['STRING', 'FIELD'] : []);
    words.push(token.text);
  }
  return words.join(' ');
}

function unexpected(token: Token, expected: readonly string[]): Error {
  const hint = expected.length === 0 ? '' : `, expecting ${expected.join(' or ')}`;
  return new Error(`syntax error: unexpected ${token.kind}${hint}`);
}

/** Ends with `$end`. `wordsOnly` knows fields and strings alone. */
function tokenize(text: string, wordsOnly = false): Token[] {
  const tokens: Token[] = [];
  const brackets: Readonly<Record<string, 'DOT' | 'LSB' | 'RSB'>> = { '.': 'DOT', '[': 'LSB', ']': 'RSB' };
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    const field = match(/[a-zA-Z_][a-zA-Z0-9_]*/y, text, at);
    if (/[ \t\n]/.test(character)) at += 1;
    else if (field !== '') at += push(tokens, { kind: 'FIELD', text: field }, field.length);
    else if (character === '"') at += scanString(tokens, text, at);
    else if (!wordsOnly && brackets[character] !== undefined) at += push(tokens, { kind: brackets[character]! }, 1);
    else if (!wordsOnly && /[0-9]/.test(character)) at += scanIndex(tokens, text, at);
    else throw new Error(`unexpected char ${character}`);
  }
  return [...tokens, { kind: '$end' }];
}

/** A string has no escapes and also ends at a closing bracket, which is then lost, or at the end of the text. */
function scanString(tokens: Token[], text: string, at: number): number {
  const body = match(/[^"\]]*/y, text, at + 1);
  return push(tokens, { kind: 'STRING', text: body }, body.length + 2);
}

function scanIndex(tokens: Token[], text: string, at: number): number {
  const digits = match(/[0-9]+/y, text, at);
  const next = text[at + digits.length] ?? '\0';
  if (next === '.') throw new Error('cannot use float as array index');
  if (!/[ \t\n\]]/.test(next)) throw new Error(`non-integer value: ${next}`);
  const index = Number(digits);
  if (!Number.isSafeInteger(index)) throw new Error(`strconv.Atoi: parsing "${digits}": value out of range`);
  return push(tokens, { kind: 'INDEX', index }, digits.length);
}

function match(sticky: RegExp, text: string, at: number): string {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0] ?? '';
}

function push(tokens: Token[], token: Token, width: number): number {
  tokens.push(token);
  return width;
}
