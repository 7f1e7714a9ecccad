import { describe, expect, it } from 'vitest';
import { FaultError } from '../../wire/fault.js';
import { mediaType } from './content-type.js';

describe('a content type', () => {
  it.each([
    ['application/json', 'application/json'],
    ['Application/JSON; charset=utf-8', 'application/json'],
    ['application/json;charset="utf-8; x=\\"y\\""; v=1', 'application/json'],
    ['application/json;', 'application/json'],
    [' application/x-protobuf ', 'application/x-protobuf'],
    ['text', 'text'],
  ])('%s is %s', (header, type) => {
    expect(mediaType(header)).toBe(type);
  });

  it.each([
    ['', 'mime: no media type'],
    ['  ', 'mime: no media type'],
    ['; charset=utf-8', 'mime: no media type'],
    ['application json', 'mime: expected slash after first token'],
    ['application/', 'mime: expected token after slash'],
    ['application/json x', 'mime: unexpected content after media subtype'],
    ['application/json; charset', 'mime: invalid media parameter'],
    ['application/json; =x', 'mime: invalid media parameter'],
    ['application/json; a="x', 'mime: invalid media parameter'],
    [`application/json;${' ;'.repeat(10_000)}x`, 'mime: invalid media parameter'],
  ])('%j is refused', (header, message) => {
    expect(() => mediaType(header)).toThrow(FaultError);
    expect(() => mediaType(header)).toThrow(message);
  });
});
