import { isGoPrintable, quoteGoString } from '../../../wire/go-quote.js';
import { pad, type Spec } from './spec.js';

const MAX_RUNE = 0x10ffffn;

/** An integer under an integer verb; null when the verb is none. */
export function formatInteger(value: bigint, spec: Spec, isUnsigned: boolean): string | null {
  switch (spec.verb) {
    case 'v':
      return spec.goSyntax && isUnsigned ? inBase(value, 16, { ...spec, sharp: true }) : inBase(value, 10, spec);
    case 'd':
      return inBase(value, 10, spec);
    case 'b':
      return inBase(value, 2, spec);
    case 'o':
    case 'O':
      return inBase(value, 8, spec);
    case 'x':
    case 'X':
      return inBase(value, 16, spec);
    case 'c':
      return pad(rune(value), spec);
    case 'q':
      return pad(quoteGoString(rune(value), spec.plus, "'"), spec);
    case 'U':
      return unicode(value, spec);
    default:
      return null;
  }
}

function rune(value: bigint): string {
  const isValid = value >= 0n && value <= MAX_RUNE && (value < 0xd800n || value > 0xdfffn);
  return isValid ? String.fromCodePoint(Number(value)) : '\ufffd';
}

function inBase(value: bigint, base: number, spec: Spec): string {
  if (spec.precision === 0 && value === 0n) return ' '.repeat(Math.max(spec.width, 0));
  const size = value < 0n ? -value : value;
  const sign = value < 0n ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
  // Zeros up to the width go between sign and digits; a precision asks for them by itself.
  const fills = spec.zero && !spec.minus && spec.precision < 0;
  const digits = size.toString(base).padStart(fills ? spec.width - sign.length : spec.precision, '0');
  const text = sign + prefix(digits, base, spec) + digits;
  return pad(spec.verb === 'X' ? text.toUpperCase() : text, { ...spec, zero: false });
}

function prefix(digits: string, base: number, spec: Spec): string {
  if (spec.verb === 'O') return '0o';
  if (!spec.sharp) return '';
  if (base === 8) return digits.startsWith('0') ? '' : '0';
  return base === 16 ? '0x' : base === 2 ? '0b' : '';
}

function unicode(value: bigint, spec: Spec): string {
  const size = BigInt.asUintN(64, value);
  const hex = size.toString(16).toUpperCase().padStart(Math.max(4, spec.precision), '0');
  const shows = spec.sharp && size <= MAX_RUNE && isGoPrintable(rune(size));
  return pad(`U+${hex}${shows ? ` '${rune(size)}'` : ''}`, { ...spec, zero: false });
}
