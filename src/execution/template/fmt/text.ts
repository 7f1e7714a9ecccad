import { quoteGoString } from '../../../wire/go-quote.js';
import { encodeGoString } from '../../../wire/go-string.js';
import { pad, type Spec } from './spec.js';

/** A string under a string verb; null when the verb is none. */
export function formatText(text: string, spec: Spec): string | null {
  switch (spec.verb) {
    case 'v':
      return spec.goSyntax ? quoted(text, spec) : pad(cut(text, spec), spec);
    case 's':
      return pad(cut(text, spec), spec);
    case 'q':
      return quoted(text, spec);
    case 'x':
    case 'X':
      return hexadecimal(text, spec);
    default:
      return null;
  }
}

/** The precision cuts by characters. */
function cut(text: string, spec: Spec): string {
  if (spec.precision < 0 || text.length <= spec.precision) return text;
  let end = 0;
  for (let i = 0; i < spec.precision && end < text.length; i++) end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

function quoted(text: string, spec: Spec): string {
  const short = cut(text, spec);
  if (spec.sharp && canBackquote(short)) return pad(`\`${short}\``, spec);
  return pad(quoteGoString(short, spec.plus), spec);
}

/** strconv.CanBackquote. */
function canBackquote(text: string): boolean {
  for (const rune of text) {
    if (rune === '\t') continue;
    if (rune === '`' || rune === '\ufeff' || rune < ' ' || rune === '\x7f') return false;
    if (rune.length === 1 && rune >= '\ud800' && rune <= '\udfff') return false;
  }
  return true;
}

function hexadecimal(text: string, spec: Spec): string {
  const all = encodeGoString(text);
  const bytes = spec.precision >= 0 ? all.subarray(0, spec.precision) : all;
  const mark = spec.sharp ? '0x' : '';
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  // With a space between bytes each carries its own 0x.
  const hex = pairs.length === 0 ? '' : mark + pairs.join(spec.space ? ` ${mark}` : '');
  return pad(spec.verb === 'X' ? hex.toUpperCase() : hex, spec);
}
