import { type CaptureMatcher, compileCaptures } from '../regex/captures.js';
import type { FieldSink, LineParser } from './field-sink.js';

/**
 * `| regexp "..."`: a label for each named group of the leftmost match, empty for a group that took no part. Throws an
 * Error with Go's text when the expression is invalid.
 */
export class RegexpParser implements LineParser {
  private readonly matcher: CaptureMatcher;
  private readonly spans: Int32Array;
  private columns: readonly number[] = [];
  private wanted = false;
  private sink: FieldSink | null = null;

  constructor(pattern: string) {
    this.matcher = compileCaptures(pattern);
    this.spans = new Int32Array(2 * this.matcher.names.length + 2);
  }

  parse(line: Buffer, start: number, end: number, sink: FieldSink): void {
    if (sink !== this.sink) this.bind(sink);
    const { columns, spans } = this;
    if (!this.wanted || !this.matcher.find(line, start, end, spans)) return;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      if (column < 0) continue;
      const from = spans[2 * i + 2]!;
      if (from < 0) sink.text(column, '');
      else sink.bytes(column, line, from, spans[2 * i + 3]!);
    }
  }

  private bind(sink: FieldSink): void {
    this.sink = sink;
    this.columns = this.matcher.names.map((name) => (name === '' ? -1 : sink.column(name)));
    this.wanted = this.columns.some((column) => column >= 0);
  }
}
