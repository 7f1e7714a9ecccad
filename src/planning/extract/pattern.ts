/** A piece of a pattern: text as it stands, or a capture of anything; the name of `<_>` is ''. */
export type PatternNode =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'capture'; readonly name: string };

const CAPTURE = /<([a-zA-Z_][a-zA-Z0-9_]*)>/g;

/**
 * Parses the operand of `| pattern`, such as `<ip> - <_> "<method> <path>"`. Throws an Error with Loki's text behind
 * `invalid pattern parser: `.
 */
export function parsePattern(text: string): PatternNode[] {
  if (text === '') {
    throw new Error('parse error at line 1, col 1: syntax error: unexpected $end, expecting IDENTIFIER or LITERAL');
  }
  const nodes = split(text);
  const names = nodes.flatMap((node) => (node.kind === 'capture' && node.name !== '' ? [node.name] : []));
  if (names.length === 0) throw new Error('at least one capture is required');
  refuseNeighbours(nodes);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`duplicate capture name (${twice}): invalid expression`);
  return nodes;
}

/** Parses the operand of `|>` and `!>`, in which nothing has a name. Throws an Error with Loki's text. */
export function parseLinePattern(text: string): PatternNode[] {
  const nodes = split(text);
  refuseNeighbours(nodes);
  const named = nodes.find((node) => node.kind === 'capture' && node.name !== '');
  if (named !== undefined) throw new Error(`named captures are not allowed: found '${print(named)}'`);
  return nodes;
}

function split(text: string): PatternNode[] {
  const nodes: PatternNode[] = [];
  let copied = 0;
  for (const match of text.matchAll(CAPTURE)) {
    if (match.index > copied) nodes.push({ kind: 'literal', text: text.slice(copied, match.index) });
    nodes.push({ kind: 'capture', name: match[1] === '_' ? '' : match[1]! });
    copied = match.index + match[0].length;
  }
  if (copied < text.length) nodes.push({ kind: 'literal', text: text.slice(copied) });
  return nodes;
}

function refuseNeighbours(nodes: readonly PatternNode[]): void {
  for (let i = 1; i < nodes.length; i++) {
    const [left, right] = [nodes[i - 1]!, nodes[i]!];
    if (left.kind === 'capture' && right.kind === 'capture') {
      throw new Error(`found consecutive capture '${print(left)}${print(right)}': invalid expression`);
    }
  }
}

function print(node: PatternNode): string {
  return node.kind === 'literal' ? node.text : `<${node.name === '' ? '_' : node.name}>`;
}
