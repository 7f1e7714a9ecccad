import { quoteGoString } from './go-quote.js';

/** Durations are numbers of nanoseconds: exact up to 104 days, and for any whole number of seconds Go can hold. */
export const NS = {
  microsecond: 1e3,
  millisecond: 1e6,
  second: 1e9,
  minute: 60e9,
  hour: 3600e9,
  day: 86_400e9,
  week: 604_800e9,
  year: 31_536_000e9,
} as const;

/** Go's int64 bound; the first number over it. */
const OVERFLOW = 2 ** 63;
/** More digits of a fraction than a float64 holds change nothing. */
const EXACT_FRACTION = 2 ** 53 / 10;

const GO_UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', NS.microsecond],
  ['\u00b5s', NS.microsecond], // micro sign
  ['\u03bcs', NS.microsecond], // Greek mu
  ['ms', NS.millisecond],
  ['s', NS.second],
  ['m', NS.minute],
  ['h', NS.hour],
]);

/** Prometheus units, largest first: in a duration they must come in this order. */
const PROMETHEUS_UNITS: readonly (readonly [unit: string, ns: number])[] = [
  ['y', NS.year],
  ['w', NS.week],
  ['d', NS.day],
  ['h', NS.hour],
  ['m', NS.minute],
  ['s', NS.second],
  ['ms', NS.millisecond],
];

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/**
 * Go's time.ParseDuration, in nanoseconds: `1h15m30.5s`, `-1.5h`, `100µs`. Throws an Error with Go's text:
 * `time: missing unit in duration "90"`, `time: unknown unit "d" in duration "1d"`, `time: invalid duration "oops"`.
 */
export function parseGoDuration(text: string): number {
  const negative = text.startsWith('-');
  let at = negative || text.startsWith('+') ? 1 : 0;
  if (text.length === at + 1 && text[at] === '0') return 0;
  if (at === text.length) throw invalidGoDuration(text);
  let total = 0;
  while (at < text.length) {
    const start = at;
    let whole = 0;
    while (isDigit(text.charCodeAt(at))) whole = whole * 10 + text.charCodeAt(at++) - 0x30;
    let digits = at - start;
    let fraction = 0;
    let scale = 1;
    if (text[at] === '.') {
      for (at++; isDigit(text.charCodeAt(at)); at++, digits++) {
        if (fraction > EXACT_FRACTION) continue;
        fraction = fraction * 10 + text.charCodeAt(at) - 0x30;
        scale *= 10;
      }
    }
    if (digits === 0) throw invalidGoDuration(text);
    const unitStart = at;
    while (at < text.length && text[at] !== '.' && !isDigit(text.charCodeAt(at))) at++;
    const unit = goUnit(text, unitStart, at);
    total += whole * unit + Math.trunc(fraction * (unit / scale));
    if (total > OVERFLOW || (total === OVERFLOW && !negative)) throw invalidGoDuration(text);
  }
  return negative && total !== 0 ? -total : total;
}

function goUnit(text: string, start: number, end: number): number {
  if (start === end) throw new Error(`time: missing unit in duration ${quoteTime(text)}`);
  const name = text.slice(start, end);
  const unit = GO_UNITS.get(name);
  if (unit === undefined) throw new Error(`time: unknown unit ${quoteTime(name)} in duration ${quoteTime(text)}`);
  return unit;
}

function invalidGoDuration(text: string): Error {
  return new Error(`time: invalid duration ${quoteTime(text)}`);
}

/** Package time's own quoting, which writes every byte outside printable ASCII as `\xNN`. */
function quoteTime(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text, 'utf8')) {
    if (byte < 0x20 || byte >= 0x80) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else if (byte === 0x22 || byte === 0x5c) out += `\\${String.fromCharCode(byte)}`;
    else out += String.fromCharCode(byte);
  }
  return `${out}"`;
}

/**
 * Prometheus' model.ParseDuration, in nanoseconds: whole numbers with units y w d h m s ms, each at most once and in
 * that order, or `0`. Throws an Error with its text: `unknown unit "minutes" in duration "5minutes"`,
 * `not a valid duration string: "x"`, `empty duration string`, `duration out of range`.
 */
export function parsePrometheusDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new Error('empty duration string');
  let at = 0;
  let total = 0;
  let smallest = -1;
  while (at < text.length) {
    const start = at;
    while (isDigit(text.charCodeAt(at))) at++;
    const unitStart = at;
    const value = Number(text.slice(start, at));
    while (at < text.length && !isDigit(text.charCodeAt(at))) at++;
    if (start === unitStart || unitStart === at || value >= 2 ** 64) throw invalidPrometheusDuration(text);
    const name = text.slice(unitStart, at);
    const rank = PROMETHEUS_UNITS.findIndex(([unit]) => unit === name);
    if (rank === -1) throw new Error(`unknown unit ${quoteGoString(name)} in duration ${quoteGoString(text)}`);
    if (rank <= smallest) throw invalidPrometheusDuration(text);
    smallest = rank;
    total += value * PROMETHEUS_UNITS[rank]![1];
    if (total >= OVERFLOW) throw new Error('duration out of range');
  }
  return total;
}

function invalidPrometheusDuration(text: string): Error {
  return new Error(`not a valid duration string: ${quoteGoString(text)}`);
}

/** Go's Duration.String of nanoseconds: `1h0m0s`, `1.5s`, `100µs`, `0s`. */
export function formatGoDuration(ns: number): string {
  const sign = ns < 0 ? '-' : '';
  const size = Math.abs(ns);
  if (size === 0) return '0s';
  if (size < NS.microsecond) return `${sign}${size}ns`;
  if (size < NS.millisecond) return `${sign}${decimal(size, NS.microsecond)}µs`;
  if (size < NS.second) return `${sign}${decimal(size, NS.millisecond)}ms`;
  const hours = Math.floor(size / NS.hour);
  const minutes = Math.floor((size % NS.hour) / NS.minute);
  const seconds = `${decimal(size % NS.minute, NS.second)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

/** `size / unit` for a power of ten, with all its decimals and no trailing zero. */
function decimal(size: number, unit: number): string {
  const rest = size % unit;
  const whole = String((size - rest) / unit);
  if (rest === 0) return whole;
  const digits = String(unit).length - 1;
  return `${whole}.${String(rest).padStart(digits, '0').replace(/0+$/, '')}`;
}

/** Prometheus' model.Duration.String of nanoseconds, cut to milliseconds: `5m`, `1h30m`, `1d`, `2w`, `0s`. */
export function formatPrometheusDuration(ns: number): string {
  let rest = Math.trunc(Math.abs(ns) / NS.millisecond);
  if (rest === 0) return '0s';
  let out = ns < 0 ? '-' : '';
  for (const [unit, unitNs] of PROMETHEUS_UNITS) {
    const size = unitNs / NS.millisecond;
    // 90d reads better than 12w6d, so years and weeks are only used when nothing remains.
    const wholeOnly = unit === 'y' || unit === 'w';
    if (rest < size || (wholeOnly && rest % size !== 0)) continue;
    out += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return out;
}
