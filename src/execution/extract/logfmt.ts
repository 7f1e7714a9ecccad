import type { FieldSink, LineParser } from './field-sink.js';
import { KeyTree } from './key-tree.js';
import { DONE, LogfmtScanner, PAIR } from './logfmt-scanner.js';
import { emitText } from './text.js';

export interface LogfmtOptions {
  /** Stop at the first malformed pair and say so, instead of skipping it. */
  readonly strict: boolean;
  /** Labels for empty values and for keys without a value. */
  readonly keepEmpty: boolean;
}

/** `| logfmt`: a label for each key. */
export class LogfmtParser implements LineParser {
  private readonly options: LogfmtOptions;
  private readonly keys = new KeyTree();
  private readonly scanner = new LogfmtScanner(this.keys);
  private sink: FieldSink | null = null;

  constructor(options: LogfmtOptions) {
    this.options = options;
  }

  parse(line: Buffer, start: number, end: number, sink: FieldSink): void {
    if (sink !== this.sink) this.keys.clear();
    this.sink = sink;
    this.keys.trim();
    const { scanner } = this;
    const { strict } = this.options;
    scanner.begin(line, start, end);
    for (;;) {
      const found = scanner.next();
      if (found === DONE) return;
      const outcome = found === PAIR ? this.emit(line, sink) : 'fault';
      if (outcome === 'done') return;
      if (outcome === 'fault' && strict) {
        sink.error('LogfmtParserErr', scanner.fault());
        return;
      }
    }
  }

  private emit(line: Buffer, sink: FieldSink): 'next' | 'done' | 'fault' {
    const { scanner } = this;
    const { strict, keepEmpty } = this.options;
    const column = this.columnOf(scanner.key, sink);
    if (column < 0) return strict && scanner.escaped && scanner.unquote() === null ? 'fault' : 'next';
    if (scanner.escaped) {
      const text = scanner.unquote();
      if (text === null) return 'fault';
      sink.text(column, text.replaceAll('\ufffd', ' '));
    } else {
      if (scanner.valueStart === scanner.valueEnd && !keepEmpty) return 'next';
      emitText(sink, column, line, scanner.valueStart, scanner.valueEnd);
    }
    return sink.done() ? 'done' : 'next';
  }

  private columnOf(key: number, sink: FieldSink): number {
    const known = this.keys.columns[key]!;
    if (known !== -2) return known;
    const name = this.keys.names[key]!;
    const column = name === '' ? -1 : sink.column(name);
    this.keys.columns[key] = column;
    return column;
  }
}
