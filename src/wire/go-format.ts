/**
 * Floats as Go's strconv.FormatFloat prints them. Unlike JS, Go rounds halves to even, writes exponents with at least
 * two digits, and `%v` switches to an exponent at 1e+06, not at 1e+21.
 */
export type FloatVerb = 'e' | 'E' | 'f' | 'g' | 'G';

/** Digits `0.d1d2d3… × 10^point`. */
interface Digits {
  readonly digits: string;
  readonly point: number;
}

/** A float64 has no more decimals than this; further ones are zeros. */
const DECIMALS_MAX = 1074;
/** Nor more significant digits. */
const SIGNIFICANT_MAX = 767;

/** `%v`: the shortest text that reads back the same, with an exponent below 1e-04 and from 1e+06 on. */
export function formatGoG(value: number): string {
  const size = Math.abs(value);
  // Between the two switches JS writes the same, and faster.
  if (size >= 1e-4 && size < 1e6) return String(value);
  return formatGoFloatAs(value, 'g', -1);
}

/** strconv.FormatFloat(value, verb, precision, 64); precision -1 means as many digits as needed. */
export function formatGoFloatAs(value: number, verb: FloatVerb, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === Infinity) return sign === '-' ? '-Inf' : '+Inf';
  switch (verb) {
    case 'f':
      return sign + fixed(precision < 0 ? shortest(size) : decimals(size, precision), precision);
    case 'e':
    case 'E':
      return sign + exponential(precision < 0 ? shortest(size) : significant(size, precision + 1), precision, verb);
    default:
      return sign + general(size, precision, verb === 'g' ? 'e' : 'E');
  }
}

function general(size: number, precision: number, letter: 'e' | 'E'): string {
  const isShortest = precision < 0;
  const wanted = precision === 0 ? 1 : precision;
  const digits = isShortest ? shortest(size) : significant(size, wanted);
  const count = digits.digits.length;
  const threshold = isShortest ? 6 : wanted > count && count >= digits.point ? count : wanted;
  const exponent = digits.point - 1;
  if (exponent < -4 || exponent >= threshold) {
    return exponential(digits, (isShortest || wanted > count ? count : wanted) - 1, letter);
  }
  return fixed(digits, Math.max(count - digits.point, 0));
}

function fixed({ digits, point }: Digits, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const places = precision < 0 ? Math.max(digits.length - point, 0) : precision;
  if (places === 0) return whole;
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return `${whole}.${fraction.slice(0, places).padEnd(places, '0')}`;
}

function exponential({ digits, point }: Digits, precision: number, letter: 'e' | 'E'): string {
  const first = digits[0] ?? '0';
  const places = precision < 0 ? Math.max(digits.length - 1, 0) : precision;
  const fraction = places === 0 ? '' : `.${digits.slice(1, 1 + places).padEnd(places, '0')}`;
  const exponent = digits === '' ? 0 : point - 1;
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${first}${fraction}${letter}${exponent < 0 ? '-' : '+'}${power}`;
}

/** The fewest digits that read back as `size`; none for zero. */
function shortest(size: number): Digits {
  if (size === 0) return { digits: '', point: 0 };
  const [mantissa = '', exponent = '0'] = size.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** Rounded to `wanted` significant digits, trailing zeros dropped. */
function significant(size: number, wanted: number): Digits {
  if (size === 0) return { digits: '', point: 0 };
  const count = Math.min(wanted, SIGNIFICANT_MAX);
  let places = count - shortest(size).point;
  let rounded = roundedAt(size, places);
  // The shortest form may have been rounded up to the next power of ten: one digit is missing then.
  if (rounded.length < count) rounded = roundedAt(size, ++places);
  return trimmed(rounded, rounded.length - places);
}

/** Rounded to `places` decimals. */
function decimals(size: number, places: number): Digits {
  const rounded = roundedAt(size, Math.min(places, DECIMALS_MAX));
  return rounded === '0' ? { digits: '', point: 0 } : trimmed(rounded, rounded.length - Math.min(places, DECIMALS_MAX));
}

function trimmed(digits: string, point: number): Digits {
  return { digits: digits.replace(/0+$/, ''), point };
}

/** round(size × 10^places), halves to even, exactly. */
function roundedAt(size: number, places: number): string {
  const { mantissa, exponent } = binary(size);
  let numerator = mantissa;
  let denominator = 1n;
  if (places >= 0) numerator *= 10n ** BigInt(places);
  else denominator *= 10n ** BigInt(-places);
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  const quotient = numerator / denominator;
  const twice = (numerator - quotient * denominator) * 2n;
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return String(up ? quotient + 1n : quotient);
}

const VIEW = new DataView(new ArrayBuffer(8));

/** `size = mantissa × 2^exponent`. */
export function binary(size: number): { readonly mantissa: bigint; readonly exponent: number } {
  VIEW.setFloat64(0, size);
  const bits = VIEW.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}
