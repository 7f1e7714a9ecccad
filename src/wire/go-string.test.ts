import { describe, expect, it } from 'vitest';
import { quoteGoString, unquoteGo } from './go-quote.js';
import { compareGoStrings, decodeGoBytes, encodeGoString, goLength, goSlice, wellFormed } from './go-string.js';

describe('Go strings', () => {
  it('length and slices count bytes', () => {
    expect(goLength('aé€𝄞')).toBe(1 + 2 + 3 + 4);
    expect(goSlice('aé€𝄞', 1, 6)).toBe('é€');
  });

  it('a cut character stays bytes and rejoins', () => {
    const head = goSlice('é', 0, 1);
    const tail = goSlice('é', 1, 2);
    expect(goLength(head)).toBe(1);
    expect(wellFormed(head)).toBe('\ufffd');
    expect(wellFormed(head + tail)).toBe('é');
  });

  it('any bytes survive decoding and encoding', () => {
    for (let seed = 1; seed < 200; seed++) {
      const bytes = Uint8Array.from({ length: 1 + (seed % 23) }, (_, i) => (seed * 2654435761 * (i + 7)) >>> (i % 24));
      expect([...encodeGoString(decodeGoBytes(bytes))]).toEqual([...bytes]);
      expect(goLength(decodeGoBytes(bytes))).toBe(bytes.length);
    }
    const mixed = new Uint8Array([0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0xc0, 0xaf, 0xe2, 0x82]);
    expect(wellFormed(decodeGoBytes(mixed))).toBe('\ufffd'.repeat(11));
  });

  it('a replacement character that was really there is kept', () => {
    const bytes = Buffer.concat([Buffer.from('\ufffd'), Buffer.from([0xff])]);
    expect([...encodeGoString(decodeGoBytes(bytes))]).toEqual([...bytes]);
  });

  it('order is by bytes', () => {
    const sorted = ['b', '\uffff', '𝄞', 'a', 'ab', ''].sort(compareGoStrings);
    expect(sorted).toEqual(['', 'a', 'ab', 'b', '\uffff', '𝄞']);
  });
});

describe('Go literals', () => {
  it.each([
    ['"a"', 'a'],
    ['"a\\n\\t\\"\\\\"', 'a\n\t"\\'],
    ['"\\u00e9\\U0001D11E\\303\\251"', 'é𝄞é'],
    ['`a\\n`', 'a\\n'],
    ['"\\xc3\\xa9"', 'é'],
    ['"\\xff"', '\udcff'],
    ['"\\q"', null],
    ['"\\\'"', null],
    ['"\\ud800"', null],
    ['"\\x1"', null],
    ['"\\400"', null],
    ['"a', null],
  ])('%s unquotes to %j', (literal, expected) => {
    expect(unquoteGo(literal)).toBe(expected);
  });

  it.each([
    ['a"b\\', '"a\\"b\\\\"'],
    ['\n\x01\x7f', '"\\n\\x01\\x7f"'],
    ['é𝄞', '"é𝄞"'],
    ['\u200b\ue000', '"\\u200b\\ue000"'],
    ['\udcff', '"\\xff"'],
  ])('%j quotes to %s', (text, expected) => {
    expect(quoteGoString(text)).toBe(expected);
  });

  it('quoting in ASCII escapes everything else', () => {
    expect(quoteGoString('é𝄞', true)).toBe('"\\u00e9\\U0001d11e"');
  });
});
