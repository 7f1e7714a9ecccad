import { type PatternNode, parsePattern } from '../../planning/extract/pattern.js';
import type { FieldSink, LineParser } from './field-sink.js';

/** A capture and the text that ends it; null: it takes the rest of the line. */
interface Capture {
  readonly name: string;
  readonly literal: Buffer | null;
}

/**
 * `| pattern "..."`: text that opens the pattern has to open the line; a capture goes on to the first occurrence of the
 * text behind it, and takes the rest of the line where that is missing. Throws an Error with Loki's text.
 */
export class PatternParser implements LineParser {
  private readonly opening: Buffer;
  private readonly captures: readonly Capture[];
  private columns: readonly number[] = [];
  private sink: FieldSink | null = null;

  constructor(pattern: string) {
    const nodes = parsePattern(pattern);
    this.opening = Buffer.from(nodes[0]?.kind === 'literal' ? nodes[0].text : '');
    this.captures = nodes.flatMap((node, i) =>
      node.kind === 'capture' ? [{ name: node.name, literal: literalOf(nodes[i + 1]) }] : [],
    );
  }

  parse(line: Buffer, start: number, end: number, sink: FieldSink): void {
    if (start === end) return;
    if (sink !== this.sink) {
      this.columns = this.captures.map(({ name }) => (name === '' ? -1 : sink.column(name)));
    }
    this.sink = sink;
    const { opening, captures, columns } = this;
    if (!holdsAt(line, opening, start, end)) return;
    let at = start + opening.length;
    for (let i = 0; i < captures.length; i++) {
      const { literal } = captures[i]!;
      const hit = literal === null ? -1 : find(line, literal, at, end);
      if (columns[i]! >= 0) sink.bytes(columns[i]!, line, at, hit < 0 ? end : hit);
      if (hit < 0) return;
      at = hit + literal!.length;
    }
  }
}

/** In lines of ordinary length a plain loop is done before `Buffer.indexOf` has begun. */
function find(line: Buffer, literal: Buffer, from: number, end: number): number {
  const first = literal[0]!;
  const last = end - literal.length;
  for (let at = from; at <= last; at++) if (line[at] === first && holdsAt(line, literal, at, end)) return at;
  return -1;
}

function holdsAt(line: Buffer, literal: Buffer, at: number, end: number): boolean {
  if (end - at < literal.length) return false;
  for (let i = 0; i < literal.length; i++) if (line[at + i] !== literal[i]) return false;
  return true;
}

function literalOf(node: PatternNode | undefined): Buffer | null {
  return node?.kind === 'literal' ? Buffer.from(node.text) : null;
}
