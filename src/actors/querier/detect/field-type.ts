import { parseBytes } from '../../../wire/bytesize.js';
import { parseGoDuration } from '../../../wire/duration.js';
import { parseGoFloat } from '../../../wire/go-number.js';
import type { FieldType } from '../../../wire/query.js';

const INTEGER = /^[+-]?\d+$/;
/** Go's strconv.ParseBool, without the 1 and 0 that are integers. */
const BOOLEAN = /^(?:t|T|true|True|TRUE|f|F|false|False|FALSE)$/;

/** The first that a value can be read as: int, float, boolean, duration, bytes (C38); a string otherwise. */
export function fieldType(value: string): FieldType {
  if (isInt64(value)) return 'int';
  if (reads(parseGoFloat, value)) return 'float';
  if (BOOLEAN.test(value)) return 'boolean';
  if (reads(parseGoDuration, value)) return 'duration';
  return reads(parseBytes, value) ? 'bytes' : 'string';
}

function isInt64(value: string): boolean {
  return INTEGER.test(value) && BigInt.asIntN(64, BigInt(value.replace('+', ''))) === BigInt(value.replace('+', ''));
}

function reads(parse: (text: string) => number, value: string): boolean {
  try {
    parse(value);
    return true;
  } catch {
    return false;
  }
}
