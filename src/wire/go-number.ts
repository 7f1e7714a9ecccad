import { quoteGoString } from './go-quote.js';

const DECIMAL = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]((?:_?[\da-fA-F])*)(?:\.([\da-fA-F]+(?:_[\da-fA-F]+)*)?)?[pP]([+-]?\d+(?:_\d+)*)$/;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;
const SMALLEST_EXPONENT = -1074;
const SIGNIFICANT_BITS = 53;

/**
 * Go's strconv.ParseFloat for 64 bits: decimal and hexadecimal floats with `_` between digits, `Inf`, `Infinity` and
 * an unsigned `NaN` in any case. Throws an Error with Go's text: `strconv.ParseFloat: parsing "x": invalid syntax`, or
 * `… value out of range`.
 */
export function parseGoFloat(text: string): number {
  if (DECIMAL.test(text)) {
    return inRange(Number(text.includes('_') ? text.replaceAll('_', '') : text), text);
  }
  const infinity = INFINITY.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  if (text.length === 3 && text.toLowerCase() === 'nan') return NaN;
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) throw failure(text, 'invalid syntax');
  const whole = (hexadecimal[2] ?? '').replaceAll('_', '');
  const fraction = (hexadecimal[3] ?? '').replaceAll('_', '');
  if (whole === '' && fraction === '') throw failure(text, 'invalid syntax');
  const exponent = Number(hexadecimal[4]!.replaceAll('_', '')) - 4 * fraction.length;
  const value = inRange(scaled(BigInt(`0x${whole}${fraction}`), exponent), text);
  return hexadecimal[1] === '-' ? -value : value;
}

/** `mantissa * 2^exponent`, rounded once, to nearest even. */
function scaled(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const unit = Math.max(exponent + bits - SIGNIFICANT_BITS, SMALLEST_EXPONENT);
  const drop = unit - exponent;
  if (drop <= 0) return Number(mantissa) * 2 ** exponent;
  if (drop > bits + 1) return 0;
  const shift = BigInt(drop);
  const kept = mantissa >> shift;
  const rest = mantissa - (kept << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  return Number(up ? kept + 1n : kept) * 2 ** unit;
}

function inRange(value: number, text: string): number {
  if (value === Infinity || value === -Infinity) throw failure(text, 'value out of range');
  return value;
}

function failure(text: string, why: string): Error {
  return new Error(`strconv.ParseFloat: parsing ${quoteGoString(text)}: ${why}`);
}

/** Go's strconv.FormatFloat(value, 'f', -1, 64): the shortest digits that read back the same, never an exponent. */
export function formatGoFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const text = String(value);
  const at = text.indexOf('e');
  if (at !== -1) return withoutExponent(text, at);
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : text;
}

/** Rewrites `-1.25e-7` as `-0.000000125`. */
function withoutExponent(text: string, at: number): string {
  const sign = text.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = text.slice(sign.length, at).split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(text.slice(at + 1));
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
