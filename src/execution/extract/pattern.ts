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
    if (end - start < opening.length || opening.compare(line, start, start + opening.length) !== 0) return;
    const text = line.subarray(start, end);
    let at = opening.length;
    for (let i = 0; i < captures.length; i++) {
      const { literal } = captures[i]!;
      const hit = literal === null ? -1 : text.indexOf(literal, at);
      const stop = hit < 0 ? text.length : hit;
      if (columns[i]! >= 0) sink.bytes(columns[i]!, line, start + at, start + stop);
      if (hit < 0) return;
      at = hit + literal!.length;
    }
  }
}

function literalOf(node: PatternNode | undefined): Buffer | null {
  return node?.kind === 'literal' ? Buffer.from(node.text) : null;
}
