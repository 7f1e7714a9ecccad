import { Int, int64, type Value } from '../value.js';
import { toFloat64, toInt64 } from './cast.js';
import {
  addDecimals,
  type Decimal,
  decimalOf,
  divideDecimals,
  floatOfDecimal,
  multiplyDecimals,
  subtractDecimals,
} from './decimal.js';
import { type Callable, define, defineVariadic } from './function.js';

const DIVISION_BY_ZERO = 'runtime error: integer divide by zero';

function divide(a: Value, b: Value): Int {
  const divisor = toInt64(b);
  if (divisor === 0n) throw new Error(DIVISION_BY_ZERO);
  return int64(toInt64(a) / divisor);
}

function modulo(a: Value, b: Value): Int {
  const divisor = toInt64(b);
  if (divisor === 0n) throw new Error(DIVISION_BY_ZERO);
  return int64(toInt64(a) % divisor);
}

/** The largest value, or with sign -1 the smallest. */
function extreme(values: readonly Value[], sign: bigint): Int {
  let best = toInt64(values[0]);
  for (const value of values) {
    const candidate = toInt64(value);
    if ((candidate - best) * sign > 0n) best = candidate;
  }
  return int64(best);
}

/** Folds exact decimals and rounds once, so that 0.1 + 0.2 is 0.3. */
function decimals(first: number, rest: readonly Value[], operate: (a: Decimal, b: Decimal) => Decimal): number {
  let result = decimalOf(first);
  for (const value of rest) result = operate(result, decimalOf(toFloat64(value)));
  return floatOfDecimal(result);
}

/** sprig round: up when the fraction reaches `roundOn`; the fraction of a negative number never does. */
function round(value: Value, places: number, roundOn: number): number {
  const power = 10 ** places;
  const digit = power * toFloat64(value);
  const fraction = digit - Math.trunc(digit);
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power;
}

const INT_FUNCTIONS: Readonly<Record<string, Callable>> = {
  int: define(['interface {}'], (value) => new Int('int', toInt64(value))),
  add: defineVariadic([], 'interface {}', (...values) =>
    int64(values.reduce((sum: bigint, v) => sum + toInt64(v), 0n)),
  ),
  sub: define(['interface {}', 'interface {}'], (a, b) => int64(toInt64(a) - toInt64(b))),
  mul: defineVariadic(['interface {}'], 'interface {}', (...values) =>
    // Wrapping at each step keeps the product small.
    int64(values.reduce((product: bigint, v) => BigInt.asIntN(64, product * toInt64(v)), 1n)),
  ),
  div: define(['interface {}', 'interface {}'], divide),
  mod: define(['interface {}', 'interface {}'], modulo),
  max: defineVariadic(['interface {}'], 'interface {}', (...values) => extreme(values, 1n)),
  min: defineVariadic(['interface {}'], 'interface {}', (...values) => extreme(values, -1n)),
};

const FLOAT_FUNCTIONS: Readonly<Record<string, Callable>> = {
  float64: define(['interface {}'], toFloat64),
  addf: defineVariadic([], 'interface {}', (...values) => decimals(0, values, addDecimals)),
  subf: defineVariadic(['interface {}'], 'interface {}', (first, ...rest) =>
    decimals(toFloat64(first), rest, subtractDecimals),
  ),
  mulf: defineVariadic(['interface {}'], 'interface {}', (first, ...rest) =>
    decimals(toFloat64(first), rest, multiplyDecimals),
  ),
  divf: defineVariadic(['interface {}'], 'interface {}', (first, ...rest) =>
    decimals(toFloat64(first), rest, divideDecimals),
  ),
  maxf: defineVariadic(['interface {}'], 'interface {}', (...values) => Math.max(...values.map(toFloat64))),
  minf: defineVariadic(['interface {}'], 'interface {}', (...values) => Math.min(...values.map(toFloat64))),
  ceil: define(['interface {}'], (value) => Math.ceil(toFloat64(value))),
  floor: define(['interface {}'], (value) => Math.floor(toFloat64(value))),
  round: defineVariadic(['interface {}', 'int'], 'float64', (value, places, roundOn = 0.5) =>
    round(value, places, roundOn),
  ),
};

/** sprig's arithmetic; integers wrap around at 64 bits. */
export const MATH_FUNCTIONS: Readonly<Record<string, Callable>> = { ...INT_FUNCTIONS, ...FLOAT_FUNCTIONS };
