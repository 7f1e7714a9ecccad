/** Receives what a parser finds in a line. */
export interface FieldSink {
  /** Column number for an extracted label name (already sanitised), or -1 when nobody asked for it. Parsers cache the answer per key. `path`: of JSON, the keys as written, outermost first. */
  column(name: string, path?: () => readonly string[]): number;
  /** False when nobody can want anything of an object whose keys' names begin like this; it is passed over unread. */
  enters(prefix: string): boolean;
  /** A value as a span of UTF-8 bytes. Which of several values of a column wins on a line is up to the sink. */
  bytes(column: number, source: Buffer, start: number, end: number): void;
  /** A value that had to be unescaped or assembled. */
  text(column: number, value: string): void;
  /** Marks the line: sets __error__ and __error_details__. Labels set so far stay. */
  error(kind: 'JSONParserErr' | 'LogfmtParserErr', details: string): void;
  /** True once every requested column is set, so the parser may stop early. */
  done(): boolean;
}

/**
 * What parsers of listed names ask for besides: here the last value of a column wins, also over one that an earlier
 * parser has found.
 */
export interface ExpressionSink extends FieldSink {
  /** True when a label or metadata of the row has the column's name, so that its values move to `<name>_extracted`. */
  taken(column: number): boolean;
  /** True when the place that a value of the column would go to has one already. */
  filled(column: number): boolean;
  /** Gives the row an empty label of the column's name, unless it has a label of that name, wherever from; never moved. */
  blank(column: number): void;
}

/** Extracts labels from lines; made once per query, and used with one sink at a time. */
export interface LineParser {
  /** Reads line[start..end). Never throws. */
  parse(line: Buffer, start: number, end: number, sink: FieldSink): void;
}

/** Extracts the labels that a query lists. */
export interface ExpressionParser {
  /** Reads line[start..end). Never throws. */
  parse(line: Buffer, start: number, end: number, sink: ExpressionSink): void;
}
