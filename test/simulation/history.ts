/** What was said to whom and when: every line that a client has ever sent, and what is certain about it. */
import type { QueryAnswer, StreamResult } from '../../src/wire/query.js';

export interface Line {
  readonly tenant: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ns */
  readonly time: bigint;
  /** Unique; holds its number. */
  readonly text: string;
  /** When a client was first told that it is durable. */
  acknowledgedMs: number | undefined;
  /** When NATS lost it, having acknowledged it: who sent it before that knows nothing. */
  lostMs?: number;
  /** How often it was sent: each time it may be stored. */
  sends: number;
}

export class History {
  readonly lines: Line[] = [];
  readonly #byText = new Map<string, Line>();

  add(line: Line): void {
    this.lines.push(line);
    this.#byText.set(line.text, line);
  }

  /** Those of an answer to a log query; says what is wrong with it. */
  linesOf(streams: readonly StreamResult[], tenant: string): Line[] | string {
    const found = new Set<Line>();
    for (const { labels, entries } of streams) {
      for (const { time, line: text } of entries) {
        const line = this.#byText.get(text);
        if (!line || line.tenant !== tenant) return `shows a line nobody has sent: ${text}`;
        if (line.time !== time || !labels.every(([name, value]) => line.labels[name] === value))
          return `shows a line changed: ${text} at ${time}`;
        if (found.has(line)) return `shows a line twice: ${text}`;
        found.add(line);
      }
    }
    return [...found];
  }

  /** What was acknowledged of these lines is void. */
  lose(texts: readonly string[], nowMs: number): void {
    for (const text of texts) Object.assign(this.#byText.get(text)!, { acknowledgedMs: undefined, lostMs: nowMs });
  }

  get acknowledged(): number {
    return this.lines.reduce((sum, line) => sum + (line.acknowledgedMs === undefined ? 0 : 1), 0);
  }
}

/** Which of a tenant's lines a query is about. */
export type Selects = (line: Line) => boolean;

/**
 * What is wrong with an answer, if anything: it must have all that was acknowledged before it was asked for, nothing twice
 * and nothing that was not sent before it came.
 */
export function answerProblem(
  history: History,
  { result, warnings }: QueryAnswer,
  tenant: string,
  selects: Selects,
  askedMs: number,
): string | undefined {
  if (warnings.length > 0) return `warns: ${warnings.join('; ')}`;
  const own = history.lines.filter((line) => line.tenant === tenant && selects(line));
  const due = own.filter(({ acknowledgedMs }) => acknowledgedMs !== undefined && acknowledgedMs <= askedMs);
  if (result.type === 'vector') {
    const count = result.samples[0]?.value ?? 0;
    if (count < due.length) return `counts ${count} lines of ${due.length} that were acknowledged`;
    return count > own.length ? `counts ${count} lines of ${own.length} that were ever sent` : undefined;
  }
  if (result.type !== 'streams') return `is of type ${result.type}`;
  const lines = history.linesOf(result.streams, tenant);
  if (typeof lines === 'string') return lines;
  const seen = new Set(lines);
  const lost = due.filter((line) => !seen.has(line));
  if (lost.length > 0) {
    const some = lost.slice(0, 3).map(({ text, acknowledgedMs }) => `${text} (acknowledged at ${acknowledgedMs})`);
    return `misses ${lost.length} of ${due.length} acknowledged lines: ${some.join(', ')}`;
  }
  const odd = lines.find((line) => !selects(line));
  return odd && `shows a line it does not select: ${odd.text}`;
}
