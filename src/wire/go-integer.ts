const DECIMAL = /^(?:0|[1-9](?:_?\d)*)$/;
const PREFIXED = /^0(?:[xX](?:_?[\da-fA-F])+|[bB](?:_?[01])+|[oO]?(?:_?[0-7])+)$/;

/**
 * The number strconv.ParseInt(text, 0, …) reads, before its range check: decimal, `0x`, `0b`, `0o` or a leading zero
 * for octal, `_` between digits, an optional sign. Null where Go says `invalid syntax`.
 */
export function parseGoInteger(text: string): bigint | null {
  const sign = text[0] === '-' || text[0] === '+' ? text[0] : '';
  const digits = text.slice(sign.length);
  const value = magnitude(digits);
  if (value === null) return null;
  return sign === '-' ? -value : value;
}

function magnitude(digits: string): bigint | null {
  if (DECIMAL.test(digits)) return BigInt(digits.includes('_') ? digits.replaceAll('_', '') : digits);
  if (!PREFIXED.test(digits)) return null;
  const plain = digits.replaceAll('_', '');
  return BigInt(/^0[xXbBoO]/.test(plain) ? plain : `0o${plain.slice(1)}`);
}
