import { checkSize } from '../limits.js';
import { Int, typeName, unbox, type Value } from '../value.js';
import { PLAIN, type Spec } from './spec.js';
import { formatPlain, formatValue } from './value.js';

/** Wider or more precise than this is an error in Go. */
const WIDTH_MAX = 1_000_000;
const FLAGS = '+-# 0';

/** fmt.Sprintf, with Go's notes about what does not fit: `%!d(string=hi)`, `%!s(MISSING)`, `%!(EXTRA int=1)`. */
export function sprintf(format: string, args: readonly Value[]): string {
  return new Formatter(format, args).run();
}

interface Flags {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
}

class Formatter {
  private readonly format: string;
  private readonly args: readonly Value[];
  private out = '';
  private at = 0;
  private arg = 0;
  /** The format used `[n]`: unused arguments are no mistake then. */
  private reordered = false;
  /** An index that is not there. */
  private badIndex = false;
  /** `[n]` came just before. */
  private afterIndex = false;

  constructor(format: string, args: readonly Value[]) {
    this.format = format;
    this.args = args;
  }

  run(): string {
    const { format } = this;
    while (this.at < format.length) {
      const percent = format.indexOf('%', this.at);
      const end = percent === -1 ? format.length : percent;
      this.out += format.slice(this.at, end);
      this.at = end + 1;
      if (percent !== -1) this.verb();
      checkSize(this.out.length);
    }
    if (!this.reordered && this.arg < this.args.length) this.extra();
    return this.out;
  }

  private verb(): void {
    this.badIndex = false;
    this.afterIndex = false;
    const flags = this.flags();
    this.index();
    const width = this.width(flags);
    const precision = this.precision();
    if (!this.afterIndex) this.index();
    const point = this.format.codePointAt(this.at);
    if (point === undefined) {
      this.out += '%!(NOVERB)';
      return;
    }
    const verb = String.fromCodePoint(point);
    this.at += verb.length;
    this.out += this.formatted({ ...PLAIN, ...flags, verb, width, precision });
  }

  private formatted(spec: Spec): string {
    const { verb } = spec;
    if (verb === '%') return '%';
    if (this.badIndex) return `%!${verb}(BADINDEX)`;
    if (this.arg >= this.args.length) return `%!${verb}(MISSING)`;
    checkSize(Math.max(spec.width, spec.precision));
    const value = this.args[this.arg++];
    if (verb !== 'v') return formatValue(value, spec);
    return formatValue(value, { ...spec, goSyntax: spec.sharp, sharp: false, plus: false });
  }

  private flags(): Flags {
    const flags = { minus: false, plus: false, sharp: false, space: false, zero: false };
    for (; FLAGS.includes(this.format[this.at] ?? '.'); this.at++) {
      const flag = this.format[this.at];
      if (flag === '-') flags.minus = true;
      else if (flag === '+') flags.plus = true;
      else if (flag === '#') flags.sharp = true;
      else if (flag === ' ') flags.space = true;
      else flags.zero = true;
    }
    return flags;
  }

  private width(flags: Flags): number {
    if (this.format[this.at] !== '*') {
      const width = this.number();
      // `%[3]5d` is wrong: the index must come last.
      if (this.afterIndex && width !== -1) this.badIndex = true;
      return width;
    }
    this.at++;
    const width = this.argument();
    if (width === null) {
      this.out += '%!(BADWIDTH)';
      return -1;
    }
    flags.minus ||= width < 0;
    return Math.abs(width);
  }

  private precision(): number {
    if (this.format[this.at] !== '.') return -1;
    this.at++;
    if (this.afterIndex) this.badIndex = true;
    this.index();
    if (this.format[this.at] !== '*') return Math.max(this.number(), 0);
    this.at++;
    const precision = this.argument();
    if (precision !== null && precision >= 0) return precision;
    this.out += '%!(BADPREC)';
    return -1;
  }

  /** A width or precision out of the arguments. */
  private argument(): number | null {
    this.afterIndex = false;
    const value = unbox(this.args[this.arg]);
    if (this.arg < this.args.length) this.arg++;
    const isFit = value instanceof Int && value.value <= BigInt(WIDTH_MAX) && value.value >= BigInt(-WIDTH_MAX);
    return isFit ? Number(value.value) : null;
  }

  /** -1 when there is none. Gives up on the whole format when it is too large. */
  private number(): number {
    let value = -1;
    for (; isDigit(this.format[this.at]); this.at++) {
      if (value > WIDTH_MAX) {
        this.at = this.format.length;
        return -1;
      }
      value = Math.max(value, 0) * 10 + Number(this.format[this.at]);
    }
    return value;
  }

  /** `[n]`: the next argument is the nth. */
  private index(): void {
    this.afterIndex = false;
    if (this.format[this.at] !== '[') return;
    this.reordered = true;
    const close = this.format.indexOf(']', this.at);
    const text = this.format.slice(this.at + 1, Math.max(close, this.at + 1));
    this.at = close === -1 ? this.at + 1 : close + 1;
    this.afterIndex = /^\d{1,7}$/.test(text);
    const number = this.afterIndex ? Number(text) : 0;
    if (number >= 1 && number <= this.args.length) this.arg = number - 1;
    else this.badIndex = true;
  }

  private extra(): void {
    const rest = this.args.slice(this.arg).map((arg) => {
      const value = unbox(arg);
      return value === undefined ? '<nil>' : `${typeName(value)}=${formatPlain(value)}`;
    });
    this.out += `%!(EXTRA ${rest.join(', ')})`;
    checkSize(this.out.length);
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}
