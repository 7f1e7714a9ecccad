import { describe, expect, it } from 'vitest';
import { LineTokens, WORDS_MAX } from './tokens.js';

function read(text: string, bytesMax = 3000): LineTokens {
  const tokens = new LineTokens();
  const bytes = Buffer.from(`..${text}..`);
  tokens.read(bytes, 2, bytes.length - 2, bytesMax);
  return tokens;
}

function words(text: string, bytesMax?: number): string[] {
  const { bytes, from, to, words: count } = read(text, bytesMax);
  return Array.from({ length: count }, (_, word) => Buffer.from(bytes.subarray(from[word], to[word])).toString());
}

describe('the words of a line', () => {
  it.each([
    ['', []],
    [' \t,', []],
    ['user alice logged in', ['user', 'alice', 'logged', 'in']],
    ['error: 10.0.0.1:80 at 10:20:30', ['error', '10.0.0.1:80', 'at', '10:20:30']],
    ['a::b c: d', ['a', 'b', 'c', 'd']],
    ['path /var/log-x_1 (50%)', ['path', '/var/log-x_1', '50%']],
    ['größe 日本', ['größe', '日本']],
    ['ends with colon:', ['ends', 'with', 'colon:']],
  ])('of %j', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('do not include keys, which belong to the structure', () => {
    expect(words('level=info msg="two words"')).toEqual(['info', 'two', 'words']);
    expect(words('{"level":"info","n":5}')).toEqual(['info', '5']);
    expect(read('level=info').structure).not.toBe(read('lever=info').structure);
  });

  it('include what looks like a key and opens no value', () => {
    expect(words('token abc== x= ')).toEqual(['token', 'abc', 'x']);
    expect(words('k8s=1')).toEqual(['k8s', '1']);
  });

  it('with a digit are told apart from others', () => {
    const { numeric } = read('a1 b 2');
    expect([...numeric.subarray(0, 3)]).toEqual([1, 0, 1]);
  });

  it('are the same hash wherever they are', () => {
    const { hash } = read('again, again');
    expect(hash[0]).toBe(hash[1]);
  });
});

describe('a structure', () => {
  it('is that of lines that differ in words only', () => {
    expect(read('a b=c [d]').structure).toBe(read('xx b=y [zzz]').structure);
  });

  it.each([
    ['a b', 'a  b'],
    ['a b', 'a b c'],
    ['a b', 'a b '],
    ['a b', 'a,b'],
  ])('of %j is not that of %j', (left, right) => {
    expect(read(left).structure).not.toBe(read(right).structure);
  });
});

describe('the rest of a line', () => {
  it('is what follows the bytes that are looked at, from the beginning of a word', () => {
    const tokens = read('one two three', 6);
    expect(tokens.words).toBe(1);
    expect(tokens.rest - tokens.start).toBe('one '.length);
    expect(tokens.structure).not.toBe(read('one ').structure);
  });

  it('is what follows as many words as are looked at', () => {
    const tokens = read('w '.repeat(WORDS_MAX + 2));
    expect(tokens.words).toBe(WORDS_MAX);
    expect(tokens.rest - tokens.start).toBe(2 * WORDS_MAX);
  });

  it('is empty in other lines', () => {
    const tokens = read('one two', 7);
    expect(tokens.words).toBe(2);
    expect(tokens.rest).toBe(tokens.end);
  });
});

it('a word in angle brackets would be a capture', () => {
  const tokens = read('<html> <a b> c');
  expect([0, 1, 2, 3].map((word) => tokens.looksLikeCapture(word))).toEqual([true, false, false, false]);
});
