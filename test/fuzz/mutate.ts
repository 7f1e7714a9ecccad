import type { SeededRandom } from '../support/random.js';

/** Numbers at which sizes, lengths and signs go wrong. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

export function randomBytes(random: SeededRandom, lengthMax: number): Buffer {
  const bytes = Buffer.alloc(random.below(lengthMax + 1));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
  return bytes;
}

/** A sample with a few things done to it; `other` lends pieces. */
export function mutatedBytes(random: SeededRandom, sample: Uint8Array, other: Uint8Array = sample): Buffer {
  let bytes: Buffer = Buffer.from(sample);
  for (let changes = 1 + random.below(random.pick([1, 3, 8])); changes > 0; changes--) {
    bytes = mutateOnce(random, bytes, other);
  }
  return bytes;
}

function mutateOnce(random: SeededRandom, bytes: Buffer, other: Uint8Array): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(random.pick([4, 16, 256])));
  switch (random.below(8)) {
    case 0:
      if (at < bytes.length) bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = random.below(256);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), randomBytes(random, 8), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at, to), bytes.subarray(to)]);
    case 6: {
      const from = random.below(other.length + 1);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + random.below(64)), bytes.subarray(to)]);
    }
    default:
      if (at + 4 > bytes.length) return bytes;
      bytes.writeUInt32LE(random.pick(EDGES), at);
      return bytes;
  }
}

/** A text with a few pieces of itself, of another or of `pieces` put elsewhere. */
export function mutatedText(
  random: SeededRandom,
  sample: string,
  other: string,
  pieces: readonly string[] = PIECES,
): string {
  let text = sample;
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const at = random.below(text.length + 1);
    const to = Math.min(text.length, at + random.below(8));
    const from = random.below(other.length + 1);
    const piece = random.pick([
      random.pick(pieces),
      other.slice(from, from + random.below(16)),
      text.slice(at, to),
      '',
    ]);
    text = text.slice(0, at) + piece + text.slice(random.chance(0.5) ? at : to);
    if (random.chance(0.02)) text = text.slice(0, 40).repeat(1 + random.below(200));
  }
  return text;
}

const PIECES = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '"',
    "'",
    '`',
    '\\',
    '|',
    '=',
    '!',
    '~',
    '<',
    '>',
    ',',
    '.',
    ':',
    ';',
    '#',
    '*',
    '+',
  ],
  ...['\n', '\t', ' ', '\0', '\u{1d11e}', '\ud800', 'é', '\\x', '\\u', '0', '-1', '1e999', '0x', '9'.repeat(25), 'NaN'],
];

export function randomText(random: SeededRandom, lengthMax: number): string {
  if (random.chance(0.3)) return randomBytes(random, lengthMax).toString('latin1');
  let text = '';
  for (let i = random.below(lengthMax + 1); i > 0; i--) {
    text += random.chance(0.5) ? random.pick(PIECES) : String.fromCharCode(0x20 + random.below(0x5f));
  }
  return text;
}
