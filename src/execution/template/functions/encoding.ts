import { parseBytes } from '../../../wire/bytesize.js';
import { quoteGoString } from '../../../wire/go-quote.js';
import { decodeGoBytes, encodeGoString } from '../../../wire/go-string.js';
import { type Callable, define } from './function.js';

const UNRESERVED = /^[\w\-.~]*$/;

/** url.QueryEscape. */
export function queryEscape(text: string): string {
  if (UNRESERVED.test(text)) return text;
  let out = '';
  for (const byte of encodeGoString(text)) {
    const char = String.fromCharCode(byte);
    if (byte === 0x20) out += '+';
    else if (UNRESERVED.test(char)) out += char;
    else out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/** url.QueryUnescape. Throws an Error with Go's text: `invalid URL escape "%zz"`. */
function queryUnescape(text: string): string {
  if (!text.includes('%')) return text.replaceAll('+', ' ');
  const bytes = encodeGoString(text);
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0x2b) out[length++] = 0x20;
    else if (byte !== 0x25) out[length++] = byte;
    else {
      const hex = String.fromCharCode(...bytes.subarray(i + 1, i + 3));
      if (!/^[\da-fA-F]{2}$/.test(hex)) {
        throw new Error(`invalid URL escape ${quoteGoString(decodeGoBytes(bytes.subarray(i, i + 3)))}`);
      }
      out[length++] = Number.parseInt(hex, 16);
      i += 2;
    }
  }
  return decodeGoBytes(out.subarray(0, length));
}

/** Standard base64; missing padding is supplied, and the error text is the result when the input is malformed. */
function base64Decode(text: string): string {
  const significant = text.replace(/[\r\n]/g, '').length;
  const bytes = encodeGoString(text + '='.repeat((4 - (significant % 4)) % 4));
  const fault = base64Fault(bytes);
  if (fault !== null) return `illegal base64 data at input byte ${fault}`;
  return decodeGoBytes(Buffer.from(Buffer.from(bytes).toString('latin1'), 'base64'));
}

function isBase64Digit(byte: number): boolean {
  return (
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2f
  );
}

const PADDING = 0x3d;

/** Where Go's decoder would stop, or null: groups of four digits, padding only at the end, line breaks anywhere. */
function base64Fault(bytes: Uint8Array): number | null {
  const isBreak = (i: number) => bytes[i] === 0x0a || bytes[i] === 0x0d;
  let inGroup = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (isBreak(i)) continue;
    if (isBase64Digit(bytes[i]!)) {
      inGroup = (inGroup + 1) % 4;
      continue;
    }
    if (bytes[i] !== PADDING || inGroup < 2) return i;
    let next = i + 1;
    while (isBreak(next)) next++;
    if (inGroup === 2) {
      if (next === bytes.length) return next;
      if (bytes[next] !== PADDING) return next - 1;
      next++;
    }
    while (isBreak(next)) next++;
    return next < bytes.length ? next : null;
  }
  return inGroup === 0 ? null : bytes.length - inGroup;
}

export const ENCODING_FUNCTIONS: Readonly<Record<string, Callable>> = {
  urlencode: define(['string'], queryEscape, 8),
  urldecode: define(['string'], queryUnescape, 8),
  b64enc: define(['string'], (text) => Buffer.from(encodeGoString(text)).toString('base64')),
  b64dec: define(['string'], base64Decode),
  bytes: define(['string'], (text) => parseBytes(text)),
};
