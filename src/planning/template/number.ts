import { parseGoInteger } from '../../wire/go-integer.js';
import { parseGoFloat } from '../../wire/go-number.js';
import { quoteGoString, unquoteGoChar } from '../../wire/go-quote.js';
import type { ComplexValue, NumberNode } from './ast.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;
const LOOKS_FLOAT = /[.eEpP]/;

type Constant = Omit<NumberNode, 'kind' | 'at' | 'text'>;

/** A number or character constant in every type that can hold it. Throws an Error with Go's text. */
export function parseNumber(text: string, kind: 'number' | 'char-constant' | 'complex'): Constant {
  if (kind === 'char-constant') return parseChar(text);
  if (kind === 'complex') return fromComplex(parsePair(text));
  if (text.endsWith('i')) {
    const imaginary = floatOrNull(text.slice(0, -1));
    if (imaginary !== null) return fromComplex({ real: 0, imaginary });
  }
  const int = parseGoInteger(text);
  if (int !== null && int >= INT64_MIN && int <= UINT64_MAX) return fromInteger(int, text);
  const float = floatOrNull(text);
  if (float === null) throw new Error(`illegal number syntax: ${quoteGoString(text)}`);
  if (!LOOKS_FLOAT.test(text)) throw new Error(`integer overflow: ${quoteGoString(text)}`);
  return fromFloat(float, null);
}

function fromInteger(value: bigint, text: string): Constant {
  const isSigned = /^[+-]/.test(text);
  return {
    int: value <= INT64_MAX ? value : null,
    uint: value === 0n || (value > 0n && !isSigned) ? value : null,
    float: Number(value),
    complex: null,
  };
}

function fromFloat(float: number, complex: ComplexValue | null): Constant {
  const whole = Number.isInteger(float) ? BigInt(float) : null;
  return {
    int: whole !== null && whole >= INT64_MIN && whole <= INT64_MAX ? whole : null,
    uint: whole !== null && whole >= 0n && whole <= UINT64_MAX ? whole : null,
    float,
    complex,
  };
}

function fromComplex(complex: ComplexValue): Constant {
  if (complex.imaginary === 0) return fromFloat(complex.real, complex);
  return { int: null, uint: null, float: null, complex };
}

/** `1+2i`. */
function parsePair(text: string): ComplexValue {
  const split = Math.max(text.lastIndexOf('+'), text.lastIndexOf('-'));
  const isExponentSign = /[eEpP]/.test(text[split - 1] ?? '');
  const at = isExponentSign ? Math.max(text.lastIndexOf('+', split - 1), text.lastIndexOf('-', split - 1)) : split;
  return { real: parseGoFloat(text.slice(0, at)), imaginary: parseGoFloat(text.slice(at, -1)) };
}

function parseChar(text: string): Constant {
  const char = unquoteGoChar(text, 1, "'");
  if (char === null) throw new Error('invalid syntax');
  if (text.slice(1 + char.length) !== "'") throw new Error(`malformed character constant: ${text}`);
  const value = BigInt(char.value);
  return { int: value, uint: value, float: char.value, complex: null };
}

function floatOrNull(text: string): number | null {
  try {
    return parseGoFloat(text);
  } catch {
    return null;
  }
}
