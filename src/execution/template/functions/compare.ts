import { compareGoStrings } from '../../../wire/go-string.js';
import { formatPlain } from '../fmt/value.js';
import { Time } from '../time/time.js';
import { Complex, Int, ListValue, MapValue, typeName, unbox, type Value } from '../value.js';
import { type Callable, define, defineVariadic } from './function.js';

type Kind = 'bool' | 'complex' | 'int' | 'uint' | 'float' | 'string' | null;

const BAD_TYPE = 'invalid type for comparison';

function basicKind(value: Value): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float';
    case 'string':
      return 'string';
    default:
      if (value instanceof Int) return value.type === 'uint8' ? 'uint' : 'int';
      return value instanceof Complex ? 'complex' : null;
  }
}

/** Signed and unsigned integers compare with each other; nothing else of different kinds does. */
function isInteger(kind: Kind): boolean {
  return kind === 'int' || kind === 'uint';
}

function incompatible(a: Value, b: Value): Error {
  return new Error(`incompatible types for comparison: ${nameOf(a)} and ${nameOf(b)}`);
}

function nameOf(value: Value): string {
  return value === undefined ? '<nil>' : typeName(value);
}

/** Whether the first is equal to any of the others. */
function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison');
  const a = unbox(first);
  for (const other of others) if (equals(a, unbox(other))) return true;
  return false;
}

function equals(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  const kind = basicKind(a);
  const other = basicKind(b);
  if (isInteger(kind) && isInteger(other)) return (a as Int).value === (b as Int).value;
  if (kind !== other) {
    if (a !== undefined && b !== undefined) throw incompatible(a, b);
    return false;
  }
  if (kind === 'complex') return sameComplex(a as Complex, b as Complex);
  return kind === null ? sameObject(a, b) : a === b;
}

function sameComplex(a: Complex, b: Complex): boolean {
  return a.real === b.real && a.imaginary === b.imaginary;
}

/** Values beyond the basic kinds: nil, times, zones, and maps and lists, which Go does not compare. */
function sameObject(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (reflectKind(a) !== reflectKind(b)) {
    throw new Error(`non-comparable types ${formatPlain(a)}: ${typeName(a)}, ${typeName(b)}: ${formatPlain(b)}`);
  }
  if (b instanceof MapValue || b instanceof ListValue) {
    throw new Error(`non-comparable type ${formatPlain(b)}: ${typeName(b)}`);
  }
  if (a instanceof Time && b instanceof Time) {
    return a.seconds === b.seconds && a.nanos === b.nanos && a.zone === b.zone;
  }
  return a === b;
}

function reflectKind(value: Value): string {
  if (value instanceof MapValue) return 'map';
  if (value instanceof ListValue) return 'slice';
  return value instanceof Time ? 'struct' : 'ptr';
}

function isLess(first: Value, second: Value): boolean {
  const a = unbox(first);
  const b = unbox(second);
  const kind = basicKind(a);
  const other = basicKind(b);
  if (kind === null || other === null) throw new Error(BAD_TYPE);
  if (isInteger(kind) && isInteger(other)) return (a as Int).value < (b as Int).value;
  if (kind !== other) throw incompatible(a, b);
  if (kind === 'float') return (a as number) < (b as number);
  if (kind === 'string') return compareGoStrings(a as string, b as string) < 0;
  throw new Error(BAD_TYPE);
}

function isAtMost(a: Value, b: Value): boolean {
  return isLess(a, b) || equalsAny(a, [b]);
}

export const COMPARE_FUNCTIONS: Readonly<Record<string, Callable>> = {
  eq: defineVariadic(['reflect.Value'], 'reflect.Value', (first, ...others) => equalsAny(first, others)),
  ne: define(['reflect.Value', 'reflect.Value'], (a, b) => !equalsAny(a, [b])),
  lt: define(['reflect.Value', 'reflect.Value'], isLess),
  le: define(['reflect.Value', 'reflect.Value'], isAtMost),
  // As Go has them, which shows with NaN.
  gt: define(['reflect.Value', 'reflect.Value'], (a, b) => !isAtMost(a, b)),
  ge: define(['reflect.Value', 'reflect.Value'], (a, b) => !isLess(a, b)),
};
