import { parseLogfmtKey } from '../../planning/extract/json-path.js';
import type { LabelExtraction } from '../../planning/logql/ast.js';
import type { ExpressionParser, ExpressionSink, FieldSink } from './field-sink.js';
import { KeyTree } from './key-tree.js';
import type { LogfmtOptions } from './logfmt.js';
import { DONE, FAULT, LogfmtScanner } from './logfmt-scanner.js';

/**
 * `| logfmt a="x", b`: labels for some keys only, empty where the line lacks them, unless the row has a label of that
 * name already. Here the last of equal keys wins, and a value that is no valid UTF-8 becomes empty, as in Loki. A key of
 * the line that bears the name of a label is taken for that label, too. Throws an Error with Loki's text when an
 * expression is invalid.
 */
export class LogfmtExpressionParser implements ExpressionParser {
  private readonly strict: boolean;
  private readonly names: readonly string[];
  /** For a sanitised key of the line the extractions that it answers. */
  private readonly answers: ReadonlyMap<string, readonly number[]>;
  private readonly answerLists: readonly (readonly number[])[];
  private readonly keys = new KeyTree();
  private readonly scanner = new LogfmtScanner(this.keys);
  private columns: readonly number[] = [];
  private sink: FieldSink | null = null;

  constructor(extractions: readonly LabelExtraction[], options: LogfmtOptions) {
    this.strict = options.strict;
    this.names = extractions.map(({ name }) => name);
    this.answers = answersOf(
      this.names,
      extractions.map(({ expression }) => parseLogfmtKey(expression)),
    );
    this.answerLists = [...this.answers.values()];
  }

  parse(line: Buffer, start: number, end: number, sink: ExpressionSink): void {
    if (sink !== this.sink) this.columns = this.names.map((name) => sink.column(name));
    this.sink = sink;
    this.keys.trim();
    for (const column of this.columns) if (!sink.taken(column)) sink.text(column, '');
    const { scanner } = this;
    scanner.begin(line, start, end);
    for (let found = scanner.next(); found !== DONE; found = scanner.next()) {
      const outcome = found === FAULT ? 'fault' : this.emit(line, sink);
      if (outcome === 'done') return;
      if (outcome === 'fault' && this.strict) {
        sink.error('LogfmtParserErr', scanner.fault());
        return;
      }
    }
  }

  private emit(line: Buffer, sink: ExpressionSink): 'next' | 'done' | 'fault' {
    const { scanner } = this;
    const list = this.answerOf(scanner.key);
    if (list < 0) return this.strict && scanner.escaped && scanner.unquote() === null ? 'fault' : 'next';
    const text = scanner.escaped ? scanner.unquote() : undefined;
    if (text === null) return 'fault';
    for (const i of this.answerLists[list]!) {
      const column = this.columns[i]!;
      // Loki reads no further once it meets a key again whose label has had to be moved.
      if (sink.taken(column) && sink.filled(column)) return 'done';
      if (text !== undefined) sink.text(column, text.includes('\ufffd') ? '' : text);
      else if (isClean(line, scanner.valueStart, scanner.valueEnd)) {
        sink.bytes(column, line, scanner.valueStart, scanner.valueEnd);
      } else sink.text(column, '');
    }
    return 'next';
  }

  /** The list of extractions a key answers, -1 for none; looked up once for each key. */
  private answerOf(key: number): number {
    const known = this.keys.columns[key]!;
    if (known !== -2) return known;
    const list = [...this.answers.keys()].indexOf(this.keys.names[key]!);
    this.keys.columns[key] = list;
    return list;
  }
}

function isClean(line: Buffer, start: number, end: number): boolean {
  let all = 0;
  for (let at = start; at < end; at++) all |= line[at]!;
  return all < 0x80 || !line.utf8Slice(start, end).includes('\ufffd');
}

/** A key answers the extractions that name it, and only if there are none the one whose label is called like it. */
function answersOf(names: readonly string[], keys: readonly string[]): Map<string, number[]> {
  const answers = new Map<string, number[]>();
  keys.forEach((key, i) => {
    answers.set(key, [...(answers.get(key) ?? []), i]);
  });
  names.forEach((name, i) => {
    if (!keys.includes(name)) answers.set(name, [i]);
  });
  return answers;
}
