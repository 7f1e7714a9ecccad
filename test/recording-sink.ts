import type { ExpressionSink } from '../src/execution/extract/field-sink.js';

/** Keeps what a parser finds in one line; the first value of a name wins, or the last. */
export class RecordingSink implements ExpressionSink {
  readonly labels: Record<string, string> = {};
  /** Names asked for, in order. */
  readonly asked: string[] = [];
  private readonly wanted: ReadonlySet<string> | null;

  constructor(
    wanted: readonly string[] | null = null,
    private readonly lastWins = false,
  ) {
    this.wanted = wanted === null ? null : new Set(wanted);
  }

  column(name: string): number {
    const column = this.asked.push(name) - 1;
    return this.wanted === null || this.wanted.has(name) ? column : -1;
  }

  enters(prefix: string): boolean {
    return this.wanted === null || [...this.wanted].some((name) => name.startsWith(prefix));
  }

  bytes(column: number, source: Buffer, start: number, end: number): void {
    this.text(column, source.utf8Slice(start, end));
  }

  text(column: number, value: string): void {
    const name = this.asked[column]!;
    if (this.lastWins || this.labels[name] === undefined) this.labels[name] = value;
  }

  taken(): boolean {
    return false;
  }

  filled(column: number): boolean {
    return this.asked[column]! in this.labels;
  }

  blank(column: number): void {
    if (!this.filled(column)) this.text(column, '');
  }

  error(kind: 'JSONParserErr' | 'LogfmtParserErr', details: string): void {
    this.labels.__error__ = kind;
    if (details !== '') this.labels.__error_details__ = details;
  }

  done(): boolean {
    return this.wanted !== null && [...this.wanted].every((name) => name in this.labels);
  }

  /** Forgets the values, not the columns: what a sink does between lines. */
  next(): void {
    for (const name of Object.keys(this.labels)) delete this.labels[name];
  }
}

/** What a parser finds in a line, which lies within a longer run of bytes. */
export function extract(
  parser: { parse(line: Buffer, start: number, end: number, sink: RecordingSink): unknown },
  line: string | Buffer,
  wanted: readonly string[] | null = null,
  lastWins = false,
): Record<string, string> {
  const sink = new RecordingSink(wanted, lastWins);
  const text = Buffer.from(line);
  const run = Buffer.concat([Buffer.from('{"x"='), text, Buffer.from('}"x=1 ')]);
  parser.parse(run, 5, 5 + text.length, sink);
  return { ...sink.labels };
}
