/** What a row is called: three categories of labels, and the error it carries (A40, A51). */
import type { Labels } from '../../src/wire/labels.js';
import { NO_HINTS, type ParserHints } from './hints.js';

export const ERROR = '__error__';
export const DETAILS = '__error_details__';
export const PRESERVE = '__preserve_error__';

export class RowLabels {
  /** What the stream is called, whatever has become of it: parsed names that clash with it are suffixed. */
  readonly base: ReadonlySet<string>;
  readonly stream: Map<string, string>;
  readonly metadata = new Map<string, string>();
  readonly parsed = new Map<string, string>();
  readonly hints: ParserHints;
  error = '';
  details = '';
  preserved = false;
  /** Names that were parsed or formatted: the first value of each stays (A41), even if it is dropped. */
  readonly extracted = new Set<string>();

  constructor(
    stream: Readonly<Record<string, string>>,
    metadata: readonly (readonly [string, string])[] = [],
    hints: ParserHints = NO_HINTS,
  ) {
    this.stream = new Map(Object.entries(stream).filter(([, value]) => value !== ''));
    this.base = new Set(this.stream.keys());
    this.hints = hints;
    for (const [name, value] of metadata) this.metadata.set(this.base.has(name) ? `${name}_extracted` : name, value);
  }

  get(name: string): string | undefined {
    return this.parsed.get(name) ?? this.metadata.get(name) ?? this.stream.get(name);
  }

  /** The name under which a parser may put a value: the highest category keeps the plain one. */
  freeName(name: string): string {
    return this.base.has(name) || this.metadata.has(name) ? `${name}_extracted` : name;
  }

  /** A parsed value hides whatever else had the name. */
  set(name: string, value: string): void {
    this.delete(name);
    this.parsed.set(name, value);
    this.extracted.add(name);
  }

  /** What a parser found. */
  extract(key: string, value: string): void {
    const name = this.freeName(key);
    if (this.shouldExtract(name)) this.set(name, value);
  }

  shouldExtract(name: string): boolean {
    const { required } = this.hints;
    return !this.extracted.has(name) && (required.length === 0 || required.includes(name));
  }

  /** Nothing that is left in the line can matter (A53). */
  get isComplete(): boolean {
    const { required } = this.hints;
    return required.length > 0 && required.every((name) => this.extracted.has(name));
  }

  delete(name: string): void {
    this.stream.delete(name);
    this.metadata.delete(name);
    this.parsed.delete(name);
  }

  fail(error: string, details: string): void {
    this.error = error;
    this.details = details;
  }

  /** Errors of parsers are let through where the query asks for errors (A52). Without details those before stay. */
  failParsing(error: string, details: string): void {
    this.fail(error, details || this.details);
    if (this.hints.preserve) this.preserved = true;
  }

  errors(): [string, string][] {
    const all: [string, string][] = [
      [ERROR, this.error],
      [DETAILS, this.details],
    ];
    return all.filter(([, value]) => value !== '');
  }

  all(): Map<string, string> {
    return new Map([...this.stream, ...this.metadata, ...this.parsed, ...this.errors()]);
  }
}

export function sorted(labels: Iterable<readonly [string, string]>): Labels {
  return [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

export function keyOf(labels: Labels): string {
  return JSON.stringify(labels);
}
