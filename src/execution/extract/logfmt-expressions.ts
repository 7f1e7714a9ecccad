import { parseLogfmtKey } from '../../planning/extract/json-path.js';
import type { LabelExtraction } from '../../planning/logql/ast.js';
import type { FieldSink, LineParser } from './field-sink.js';
import { KeyTree } from './key-tree.js';
import type { LogfmtOptions } from './logfmt.js';
import { DONE, FAULT, LogfmtScanner } from './logfmt-scanner.js';

/**
 * `| logfmt a="x", b`: labels for some keys only, empty where the line lacks them. Here the last of equal keys wins, and
 * a value that is no valid UTF-8 becomes empty, as in Loki. A key of the line that bears the name of a label is taken
 * for that label, too. Throws an Error with Loki's text when an expression is invalid.
 */
export class LogfmtExpressionParser implements LineParser {
  private readonly strict: boolean;
  private readonly names: readonly string[];
  /** For a sanitised key of the line the extractions that it answers. */
  private readonly answers: ReadonlyMap<string, readonly number[]>;
  private readonly answerLists: readonly (readonly number[])[];
  private readonly keys = new KeyTree();
  private readonly scanner = new LogfmtScanner(this.keys);
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly texts: (string | null)[];
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
    this.starts = new Int32Array(extractions.length);
    this.ends = new Int32Array(extractions.length);
    this.texts = extractions.map(() => null);
  }

  parse(line: Buffer, start: number, end: number, sink: FieldSink): void {
    if (sink !== this.sink) this.columns = this.names.map((name) => sink.column(name));
    this.sink = sink;
    this.keys.trim();
    this.starts.fill(0);
    this.ends.fill(0);
    this.texts.fill(null);
    const fault = this.scan(line, start, end);
    for (let i = 0; i < this.columns.length; i++) {
      const column = this.columns[i]!;
      if (column < 0) continue;
      const text = this.texts[i]!;
      if (text === null) sink.bytes(column, line, this.starts[i]!, this.ends[i]!);
      else sink.text(column, text);
    }
    if (fault !== null) sink.error('LogfmtParserErr', fault);
  }

  /** Remembers the last value of each extraction. Returns what strict mode complains about, or null. */
  private scan(line: Buffer, start: number, end: number): string | null {
    const { scanner } = this;
    scanner.begin(line, start, end);
    for (let found = scanner.next(); found !== DONE; found = scanner.next()) {
      if (found === FAULT || !this.remember(line)) {
        if (this.strict) return scanner.fault();
      }
    }
    return null;
  }

  /** False when the value's escapes are broken. */
  private remember(line: Buffer): boolean {
    const { scanner } = this;
    const list = this.answerOf(scanner.key);
    if (list < 0) return !this.strict || !scanner.escaped || scanner.unquote() !== null;
    const text = scanner.escaped ? scanner.unquote() : null;
    if (scanner.escaped && text === null) return false;
    const clean = text === null ? isClean(line, scanner.valueStart, scanner.valueEnd) : !text.includes('\ufffd');
    for (const i of this.answerLists[list]!) {
      this.texts[i] = clean ? text : '';
      this.starts[i] = scanner.valueStart;
      this.ends[i] = scanner.valueEnd;
    }
    return true;
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
