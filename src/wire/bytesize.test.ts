import { describe, expect, it } from 'vitest';
import { formatByteSize, formatBytes, formatIBytes, parseBytes } from './bytesize.js';

describe('parseBytes', () => {
  it.each([
    ['0', 0],
    ['42', 42],
    ['42 B', 42],
    ['5KB', 5000],
    ['5kB', 5000],
    ['5 kb', 5000],
    ['5k', 5000],
    ['5KiB', 5120],
    ['5ki', 5120],
    ['1.5MB', 1_500_000],
    ['1,024', 1024],
    ['1,5.5 gib', 16_642_998_272],
    ['2EiB', 2 ** 61],
    ['0.5', 0],
    ['1\t\nMB', 1_000_000],
  ])('%j is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each([
    ['', 'strconv.ParseFloat: parsing "": invalid syntax'],
    ['-5KB', 'strconv.ParseFloat: parsing "": invalid syntax'],
    ['1.2.3', 'strconv.ParseFloat: parsing "1.2.3": invalid syntax'],
    ['5 XB', 'unhandled size name: xb'],
    ['5mbb', 'unhandled size name: mbb'],
    ['99EB', 'too large: 99EB'],
  ])('%j is refused in Go words', (text, message) => {
    expect(() => parseBytes(text)).toThrow(new Error(message));
  });
});

it.each([
  [0, '0 B', '0B'],
  [9, '9 B', '9B'],
  [10, '10 B', '10B'],
  [1023, '1023 B', '1023B'],
  [1024, '1.0 KiB', '1KB'],
  [1536, '1.5 KiB', '1536B'],
  [10_240, '10 KiB', '10KB'],
  [150 * 1024 ** 3, '150 GiB', '150GB'],
  [2048 * 1024 ** 4, '2.0 PiB', '2048TB'],
])('%d bytes are %s to people and %s in a configuration', (bytes, people, configuration) => {
  expect([formatIBytes(bytes), formatByteSize(bytes)]).toEqual([people, configuration]);
});

it.each([
  [9, '9 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [10_240, '10 kB'],
  [2_500_000, '2.5 MB'],
  [1024 ** 3, '1.1 GB'],
])('%d bytes in powers of 1000 are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
