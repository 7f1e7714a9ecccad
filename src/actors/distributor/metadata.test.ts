import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteRun } from '../../wire/byte-copy.js';
import { hasInvalidUtf8, type MetadataName, MetadataNames, normalizeName, withoutInvalidUtf8 } from './metadata.js';

function nameOf(names: MetadataNames, text: string | Uint8Array, previous = names.first): MetadataName {
  const bytes = Buffer.from(text);
  return names.name(previous, byteRun(bytes), 0, bytes.length);
}

describe('a metadata name', () => {
  it.each([
    ['trace_id', 'trace_id'],
    ['traceID', 'traceID'],
    ['a.b-c', 'a_b_c'],
    ['a__b', 'a_b'],
    ['a..b', 'a_b'],
    ['9x', 'key_9x'],
    ['x9', 'x9'],
    ['_x', '_x'],
    ['__x', '_x'],
    ['x_', 'x_'],
    ['x__', 'x_'],
    ['__x__', '__x__'],
    ['__a.b__', '__a_b__'],
    ['__9__', '__9__'],
    ['größe', 'gr_e'],
    ['日本', '_'],
    ['a b', 'a_b'],
    ['😀x', '_x'],
  ])('%s becomes %s', (sent, normal) => {
    expect(normalizeName(sent)).toBe(normal);
  });

  it.each([
    ['', 'label name is empty'],
    ['_', 'normalization for label name "_" resulted in invalid name "_"'],
    ['____', 'normalization for label name "____" resulted in invalid name "____"'],
    ['...', 'normalization for label name "..." resulted in invalid name "_"'],
    ['日本', 'normalization for label name "日本" resulted in invalid name "_"'],
  ])('%j is a problem', (sent, problem) => {
    expect(nameOf(new MetadataNames([]), sent).problem).toBe(problem);
  });

  it('is the same key however it is spelt, and knows whether it was changed', () => {
    const names = new MetadataNames([]);
    const plain = nameOf(names, 'a_b');
    const dotted = nameOf(names, 'a.b');
    expect(dotted.key).toBe(plain.key);
    expect([plain.changed, dotted.changed]).toEqual([false, true]);
    expect(names.key('a_b')).toBe(plain.key);
  });

  it('is remembered without the request it came in', () => {
    const names = new MetadataNames([]);
    const request = byteRun(Buffer.alloc(100, 'name'));
    names.name(names.first, request, 0, 4);
    const name = names.name(names.first, request, 0, 4);
    expect(name.bytes!.buffer.byteLength).toBe(4);
    expect(names.first.next).toBe(name);
  });

  it('is recognised by its bytes and by what came before it', () => {
    const names = new MetadataNames([]);
    const a = nameOf(names, 'a');
    const b = nameOf(names, 'b', a);
    expect(nameOf(names, 'b', nameOf(names, 'a'))).toBe(b);
    expect(nameOf(names, 'c', a).key.name).toBe('c');
    expect(nameOf(names, 'b', a)).toBe(b);
  });

  it('that is not UTF-8 is the name with each wrong run replaced', () => {
    const names = new MetadataNames([]);
    const broken = nameOf(names, Uint8Array.of(0x61, 0xff, 0x62));
    expect(broken.key.name).toBe('a_b');
    expect(nameOf(names, Uint8Array.of(0x61, 0xff, 0x62)).key).toBe(broken.key);
  });

  it('knows its part in finding levels', () => {
    const names = new MetadataNames(['level', 'severity']);
    expect([names.key('severity').levelRank, names.key('level').levelRank, names.key('x').levelRank]).toEqual([
      1, 0, -1,
    ]);
    expect(names.key('detected_level').isDetectedLevel).toBe(true);
    expect(names.key('severity_number').isSeverityNumber).toBe(true);
  });

  it('is forgotten when there are too many', () => {
    const names = new MetadataNames([]);
    const first = nameOf(names, 'n0');
    for (let i = 1; i < 20_000; i++) nameOf(names, `n${i}`);
    expect(nameOf(names, 'n0').key).toBe(first.key);
    names.trim();
    expect(nameOf(names, 'n0').key).not.toBe(first.key);
  });
});

describe('a metadata value', () => {
  it.each<[string, number[], string]>([
    ['a stray byte', [0x61, 0xff, 0x62], 'a b'],
    ['a stray continuation', [0x80], ' '],
    ['an overlong slash', [0xc0, 0xaf], '  '],
    ['a cut sequence', [0xe2, 0x82], '  '],
    ['a cut sequence in the middle', [0xe2, 0x82, 0x61], '  a'],
    ['a surrogate', [0xed, 0xa0, 0x80], '   '],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80], '    '],
    ['a replacement character', [0x61, 0xef, 0xbf, 0xbd], 'a '],
  ])('has a space for %s', (_, bytes, text) => {
    expect(Buffer.from(withoutInvalidUtf8(Uint8Array.from(bytes))).toString()).toBe(text);
  });

  it('stays as it is when it is UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('\ufffd'));
        const bytes = Buffer.from(text);
        expect(hasInvalidUtf8(bytes, 0, bytes.length)).toBe(false);
        expect(Buffer.from(withoutInvalidUtf8(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('is UTF-8 afterwards whatever it was', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const clean = Buffer.from(withoutInvalidUtf8(bytes));
        expect(Buffer.from(clean.toString('utf8')).equals(clean)).toBe(true);
        expect(hasInvalidUtf8(bytes, 0, bytes.length)).toBe(!clean.equals(bytes));
      }),
    );
  });
});
