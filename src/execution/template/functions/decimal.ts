import { formatGoG } from '../../../wire/go-format.js';

/** An exact decimal, `value × 10^exponent`, with the arithmetic of shopspring/decimal that sprig's `addf` and kin use. */
export interface Decimal {
  readonly value: bigint;
  readonly exponent: number;
}

/** Decimals of a quotient that does not come out even. */
const DIVISION_PLACES = 16;

/** The shortest decimal that reads back as the float. Throws an Error for NaN and infinities. */
export function decimalOf(float: number): Decimal {
  if (!Number.isFinite(float)) throw new Error(`Cannot create a Decimal from ${formatGoG(float)}`);
  const [mantissa = '0', exponent = '0'] = float.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { value: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** The nearest float64. */
export function floatOfDecimal({ value, exponent }: Decimal): number {
  return value === 0n ? 0 : Number(`${value}e${exponent}`);
}

function scaledTo({ value, exponent }: Decimal, target: number): bigint {
  return value * 10n ** BigInt(exponent - target);
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { value: scaledTo(a, exponent) + scaledTo(b, exponent), exponent };
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { value: -b.value, exponent: b.exponent });
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent };
}

/** To 16 places, halves away from zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw new Error('decimal division by 0');
  const shift = a.exponent - b.exponent + DIVISION_PLACES;
  const dividend = shift > 0 ? a.value * 10n ** BigInt(shift) : a.value;
  const divisor = shift < 0 ? b.value * 10n ** BigInt(-shift) : b.value;
  const quotient = dividend / divisor;
  const rest = dividend - quotient * divisor;
  const isHalf = size(rest) * 2n >= size(divisor);
  const step = dividend < 0n === divisor < 0n ? 1n : -1n;
  return { value: isHalf ? quotient + step : quotient, exponent: -DIVISION_PLACES };
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value;
}
