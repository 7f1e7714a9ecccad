/** One log entry as a template sees it. */
export interface TemplateContext {
  /** The value of a label; '' when it is absent. */
  get(name: string): string;
  /** All labels, in any order: what `range` over `.` and `{{.}}` show. */
  entries(): Iterable<[string, string]>;
  line(): string;
  /** Nanoseconds since the epoch. */
  timestamp(): bigint;
}
