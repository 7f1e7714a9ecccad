import { binary, type FloatVerb, formatGoFloatAs } from '../../../wire/go-format.js';
import { pad, type Spec } from './spec.js';

/** A float under a float verb; null when the verb is none. */
export function formatFloat(value: number, spec: Spec): string | null {
  switch (spec.verb) {
    case 'v':
      return signed(value, formatGoFloatAs(value, 'g', spec.precision), spec);
    case 'g':
    case 'G':
      return signed(value, formatGoFloatAs(value, spec.verb, spec.precision), spec);
    case 'e':
    case 'E':
    case 'f':
    case 'F': {
      const verb: FloatVerb = spec.verb === 'F' ? 'f' : spec.verb;
      return signed(value, formatGoFloatAs(value, verb, spec.precision < 0 ? 6 : spec.precision), spec);
    }
    case 'b':
      return signed(value, binaryExponent(value), spec);
    case 'x':
      return signed(value, hexadecimal(value, spec.precision), spec);
    case 'X':
      return signed(value, hexadecimal(value, spec.precision).toUpperCase(), spec);
    default:
      return null;
  }
}

function signed(value: number, text: string, spec: Spec): string {
  const isNegative = text.startsWith('-');
  const bare = /^[+-]/.test(text) ? text.slice(1) : text;
  if (!Number.isFinite(value)) {
    const shows = isNegative || spec.plus || spec.space || !Number.isNaN(value);
    const sign = isNegative ? '-' : spec.space && !spec.plus ? ' ' : '+';
    return pad(shows ? sign + bare : bare, { ...spec, zero: false });
  }
  const body = spec.sharp && spec.verb !== 'b' ? withPoint(bare, spec) : bare;
  const sign = isNegative ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  const fills = spec.zero && !spec.minus;
  return pad(sign + (fills ? body.padStart(spec.width - sign.length, '0') : body), spec);
}

/** `%#g` keeps the point and trailing zeros. */
function withPoint(text: string, spec: Spec): string {
  const split = /^([^eEpP]*)(.*)$/.exec(text)!;
  const number = split[1]!;
  const keepsDigits = spec.verb === 'v' || spec.verb === 'g' || spec.verb === 'G';
  const digits = keepsDigits ? (spec.precision < 0 ? 6 : spec.precision) : 0;
  const significant = number.replace('.', '').replace(/^0+/, '').length;
  const shown = number === '0' ? 1 : significant;
  const pointed = number.includes('.') ? number : `${number}.`;
  return pointed + '0'.repeat(Math.max(digits - shown, 0)) + split[2]!;
}

/** `4503599627370496p-52`. */
function binaryExponent(value: number): string {
  if (!Number.isFinite(value)) return formatGoFloatAs(value, 'g', -1);
  const { mantissa, exponent } = binary(Math.abs(value));
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return `${sign}${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

/** `0x1.8p+01`. */
function hexadecimal(value: number, precision: number): string {
  if (!Number.isFinite(value)) return formatGoFloatAs(value, 'g', -1);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  let { mantissa, exponent } = binary(Math.abs(value));
  if (mantissa === 0n) return `${sign}0x0${precision > 0 ? `.${'0'.repeat(precision)}` : ''}p+00`;
  const shift = 53 - mantissa.toString(2).length;
  mantissa <<= BigInt(shift);
  exponent += 52 - shift;
  if (precision >= 0 && precision < 13) {
    mantissa = roundedBits(mantissa, BigInt(4 * (13 - precision)));
    if (mantissa >= 1n << 53n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const hex = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0');
  const fraction = precision < 0 ? hex.replace(/0+$/, '') : hex.slice(0, precision).padEnd(precision, '0');
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}0x1${fraction === '' ? '' : '.'}${fraction}p${exponent < 0 ? '-' : '+'}${power}`;
}

/** Clears the low `bits`, rounding halves to even. */
function roundedBits(mantissa: bigint, bits: bigint): bigint {
  const kept = mantissa >> bits;
  const rest = mantissa - (kept << bits);
  const half = 1n << (bits - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  return (up ? kept + 1n : kept) << bits;
}
