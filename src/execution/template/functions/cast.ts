import { parseGoInteger } from '../../../wire/go-integer.js';
import { parseGoFloat } from '../../../wire/go-number.js';
import { Int, unbox, type Value } from '../value.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** What most numbers are, and within int64. */
const PLAIN = /^[1-9]\d{0,17}$/;
/** Decimal text with a fraction: whole part and the rest. */
const DECIMAL = /^([-+]?\d*)\.\d*$/;

/**
 * spf13/cast's ToInt64: numbers are cut, the fraction of decimal text is dropped, text is read like a Go literal
 * (`0x1f`, `010` is 8), and what is no number is 0.
 */
export function toInt64(boxed: Value): bigint {
  const value = unbox(boxed);
  switch (typeof value) {
    case 'number':
      return truncated(value);
    case 'boolean':
      return value ? 1n : 0n;
    case 'string':
      return parsed(value);
    default:
      return value instanceof Int ? value.value : 0n;
  }
}

/** Go's float to int64 conversion on amd64: out of range gives the smallest integer. */
function truncated(value: number): bigint {
  const whole = Math.trunc(value);
  return Number.isFinite(whole) && Math.abs(whole) < 2 ** 63 ? BigInt(whole) : INT64_MIN;
}

function parsed(text: string): bigint {
  if (PLAIN.test(text)) return BigInt(text);
  const whole = DECIMAL.exec(text)?.[1];
  const value = parseGoInteger(whole === undefined ? text : /\d/.test(whole) ? whole : '0');
  return value === null || value > INT64_MAX || value < INT64_MIN ? 0n : value;
}

/** cast.ToFloat64: what is no number is 0. */
export function toFloat64(boxed: Value): number {
  const value = unbox(boxed);
  switch (typeof value) {
    case 'number':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      return floatOrZero(value);
    default:
      return value instanceof Int ? Number(value.value) : 0;
  }
}

function floatOrZero(text: string): number {
  // Most labels that are no number start with a letter: spares them the error.
  if (!/^[\d.+\-iInN]/.test(text)) return 0;
  try {
    return parseGoFloat(text);
  } catch {
    return 0;
  }
}
