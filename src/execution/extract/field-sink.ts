/** Receives what a parser finds in a line. */
export interface FieldSink {
  /** Column number for an extracted label name (already sanitised), or -1 when nobody asked for it. Parsers cache the answer per key. */
  column(name: string): number;
  /** A value as a span of UTF-8 bytes. First value of a column on a line wins; the sink enforces it. */
  bytes(column: number, source: Buffer, start: number, end: number): void;
  /** A value that had to be unescaped or assembled. */
  text(column: number, value: string): void;
  /** Marks the line: sets __error__ and __error_details__. Labels set so far stay. */
  error(kind: 'JSONParserErr' | 'LogfmtParserErr', details: string): void;
  /** True once every requested column is set, so the parser may stop early. */
  done(): boolean;
}

/** Extracts labels from lines; made once per query, and used with one sink at a time. */
export interface LineParser {
  /** Reads line[start..end). Never throws. */
  parse(line: Buffer, start: number, end: number, sink: FieldSink): void;
}
