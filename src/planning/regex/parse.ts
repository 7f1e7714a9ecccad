import { type Assertion, alternate, concat, EMPTY, isCaseless, type Regex, rune } from './ast.js';
import { Cursor } from './cursor.js';
import { classOf, parseClass, parseEscape, takeUnicodeClass } from './parse-class.js';
import { perlClass } from './runes.js';
import { checkRegex } from './syntax.js';

/** The flags in force; `U` swaps greedy and lazy. */
interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

/** An open group: what closing it has to build and restore. */
interface Frame {
  readonly outer: Flags;
  readonly capture: { readonly group: number; readonly name: string } | null;
  readonly options: Regex[];
  items: Regex[];
}

export interface ParseOptions {
  /** `.` matches the newline, as if the pattern began with `(?s)`. */
  readonly dotAll?: boolean;
}

/**
 * Parses RE2 syntax as Go's `regexp/syntax` does with Perl flags. Throws an Error with Go's text when the pattern is
 * invalid.
 */
export function parseRegex(pattern: string, options: ParseOptions = {}): Regex {
  const fault = checkRegex(pattern);
  if (fault !== null) throw new Error(fault);
  return new Parser(pattern, options.dotAll ?? false).parse();
}

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'text-start',
  z: 'text-end',
  b: 'word-boundary',
  B: 'no-word-boundary',
};

class Parser {
  private readonly cursor: Cursor;
  private readonly stack: Frame[] = [];
  private flags: Flags;
  private frame: Frame;
  private groups = 0;

  constructor(pattern: string, dotAll: boolean) {
    this.cursor = new Cursor(pattern);
    this.flags = { i: false, m: false, s: dotAll, U: false };
    this.frame = { outer: this.flags, capture: null, options: [], items: [] };
  }

  parse(): Regex {
    while (!this.cursor.atEnd()) this.step();
    return closeOptions(this.frame);
  }

  private step(): void {
    const { cursor, flags } = this;
    const counts = cursor.take(/\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y);
    if (counts !== null) this.repeatCounted(Number(counts[1]), counts[2] !== undefined, counts[3]);
    else if (cursor.take(/\*/y)) this.repeat(0, Infinity);
    else if (cursor.take(/\+/y)) this.repeat(1, Infinity);
    else if (cursor.take(/\?/y)) this.repeat(0, 1);
    else if (cursor.take(/\(/y)) this.open();
    else if (cursor.take(/\)/y)) this.close();
    else if (cursor.take(/\|/y)) this.nextOption();
    else if (cursor.take(/\\Q/y)) for (const text of cursor.takeUntil('\\E')) this.add(this.literal(text));
    else this.add(this.atom(flags));
  }

  private atom(flags: Flags): Regex {
    const { cursor } = this;
    if (takeUnicodeClass(cursor)) return { kind: 'opaque' };
    const text = cursor.next();
    switch (text) {
      case '^':
        return { kind: 'assert', at: flags.m ? 'line-start' : 'text-start' };
      case '$':
        return { kind: 'assert', at: flags.m ? 'line-end' : 'text-end' };
      case '.':
        return { kind: 'any', newline: flags.s };
      case '[':
        return parseClass(cursor, flags.i);
      case '\\':
        return this.escape(flags);
      default:
        return this.literal(text);
    }
  }

  private escape(flags: Flags): Regex {
    const letter = this.cursor.peek();
    const at = ASSERTIONS[letter];
    const set = perlClass(letter, flags.i);
    if (at === undefined && set === null) return this.literal(String.fromCodePoint(parseEscape(this.cursor)));
    this.cursor.next();
    return at === undefined ? classOf(set!) : { kind: 'assert', at };
  }

  private literal(text: string): Regex {
    if (!this.flags.i || isCaseless(text)) return rune(text.codePointAt(0)!);
    return text < '\x80' ? rune(text.toLowerCase().charCodeAt(0), true) : { kind: 'opaque' };
  }

  private add(node: Regex): void {
    this.frame.items.push(node);
  }

  private repeatCounted(min: number, open: boolean, max: string | undefined): void {
    this.repeat(min, open ? Number(max ?? Infinity) : min);
  }

  private repeat(min: number, max: number): void {
    const lazy = this.cursor.take(/\?/y) !== null;
    const inner = this.frame.items.pop() ?? EMPTY;
    this.add({ kind: 'repeat', inner, min, max, greedy: lazy === this.flags.U });
  }

  private open(): void {
    const named = this.cursor.take(/\?P?<([^>]*)>/y);
    if (named === null && this.cursor.peek() === '?') this.openFlags();
    else this.push({ group: ++this.groups, name: named?.[1] ?? '' });
  }

  /** `(?i-s)` changes the flags of the rest of the group, `(?i-s:` opens a group of its own. */
  private openFlags(): void {
    const [, on = '', off = '', end] = this.cursor.take(/\?([imsU]*)(?:-([imsU]+))?([:)])/y) ?? [];
    const outer = this.flags;
    const flag = (name: keyof Flags): boolean => (outer[name] || on.includes(name)) && !off.includes(name);
    if (end === ':') this.push(null);
    this.flags = { i: flag('i'), m: flag('m'), s: flag('s'), U: flag('U') };
  }

  private push(capture: Frame['capture']): void {
    this.stack.push(this.frame);
    this.frame = { outer: this.flags, capture, options: [], items: [] };
  }

  private nextOption(): void {
    this.frame.options.push(concat(this.frame.items));
    this.frame.items = [];
  }

  private close(): void {
    const { capture, outer } = this.frame;
    const inner = closeOptions(this.frame);
    this.frame = this.stack.pop()!;
    this.flags = outer;
    this.add(capture === null ? inner : { kind: 'capture', inner, ...capture });
  }
}

function closeOptions(frame: Frame): Regex {
  return alternate([...frame.options, concat(frame.items)]);
}
