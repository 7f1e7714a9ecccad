import { parseBytes } from '../../wire/bytesize.js';
import { parseGoDuration, parsePrometheusDuration } from '../../wire/duration.js';
import { matchAt, ScanError } from './scan-string.js';

const HEXADECIMAL = /0[xX][\da-fA-F_]+(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?/y;
const OCTAL_OR_BINARY = /0[oObB][\d_]+/y;
const DECIMAL = /[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?/y;

/** `0B` is a size. */
const LITERAL_NAMES: ReadonlyMap<string, string> = new Map([
  ['x', 'hexadecimal'],
  ['X', 'hexadecimal'],
  ['o', 'octal'],
  ['O', 'octal'],
  ['b', 'binary'],
]);
/** Go reads a leading zero as octal, unless the number turns out to be a fraction. */
const NOT_OCTAL = /^0[\d_]*?([89])[\d_]*$/;

const MISPLACED_UNDERSCORE = /_(?![\da-fA-F])|(?<![\da-fA-FxXoObB])_/;

/** Digits and unit letters that may continue a number. Sizes above P do not exist in LogQL. */
const DURATION_TAIL = /[\p{N}nuµmshdwy.]+/uy;
const BYTES_TAIL = /[\p{N}BikKMGTP.]+/uy;

/** The end of a Go number literal that starts here, with a digit or with `.` and a digit. Throws a ScanError. */
export function scanNumber(text: string, start: number): number {
  const literal =
    matchAt(HEXADECIMAL, text, start) || matchAt(OCTAL_OR_BINARY, text, start) || matchAt(DECIMAL, text, start);
  const prefix = literal === '0' ? LITERAL_NAMES.get(text[start + 1] ?? '') : undefined;
  if (prefix !== undefined) throw new ScanError(`${prefix} literal has no digits`);
  const digit = NOT_OCTAL.exec(literal)?.[1];
  if (digit !== undefined) throw new ScanError(`invalid digit '${digit}' in octal literal`);
  const hexadecimal = /^0[xX]/.test(literal);
  const exponent = hexadecimal ? /[pP](.*)/.exec(literal) : /[eE](.*)/.exec(literal);
  if (exponent !== null && !/\d/.test(exponent[1]!)) throw new ScanError('exponent has no digits');
  if (hexadecimal && exponent === null && literal.includes('.')) {
    throw new ScanError("hexadecimal mantissa requires a 'p' exponent");
  }
  if (MISPLACED_UNDERSCORE.test(literal)) throw new ScanError("'_' must separate successive digits");
  return start + literal.length;
}

export interface ScannedQuantity {
  readonly value: number;
  readonly end: number;
}

/** Goes on from a number (or from a `-`) to a duration such as `1h30m` or `1.5h`, in nanoseconds. */
export function scanDuration(text: string, start: number, end: number): ScannedQuantity | undefined {
  const tail = matchAt(DURATION_TAIL, text, end);
  if (tail === '') return undefined;
  const negative = text[start] === '-';
  const size = durationOf(text.slice(negative ? start + 1 : start, end + tail.length));
  // `-0` is the negated number, not a duration without a unit.
  if (size === undefined || tail === '0') return undefined;
  return { value: negative ? -size : size, end: end + tail.length };
}

/** Prometheus' notation first, because it has days, weeks and years, then Go's, which has fractions. */
function durationOf(text: string): number | undefined {
  return attempt(parsePrometheusDuration, text) ?? attempt(parseGoDuration, text);
}

/** Goes on from a number to a size such as `5KB` or `1.5MiB`, in bytes. */
export function scanBytes(text: string, start: number, end: number): ScannedQuantity | undefined {
  const tail = matchAt(BYTES_TAIL, text, end);
  if (tail === '') return undefined;
  const value = attempt(parseBytes, text.slice(start, end + tail.length));
  return value === undefined ? undefined : { value, end: end + tail.length };
}

function attempt(parse: (text: string) => number, text: string): number | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
