import { expect, it } from 'vitest';
import { fieldType } from './field-type.js';

it.each([
  ['0', 'int'],
  ['-12', 'int'],
  ['+7', 'int'],
  ['9223372036854775807', 'int'],
  ['9223372036854775808', 'float'],
  ['1.5', 'float'],
  ['1e3', 'float'],
  ['NaN', 'float'],
  ['1_000', 'float'],
  ['true', 'boolean'],
  ['F', 'boolean'],
  ['yes', 'string'],
  ['1h3m', 'duration'],
  ['250us', 'duration'],
  ['3d', 'string'],
  ['2.5MB', 'bytes'],
  ['10 KiB', 'bytes'],
  ['1,024', 'bytes'],
  ['', 'string'],
  ['10.1.2.3', 'string'],
  ['words', 'string'],
] as const)('%j is of type %s', (value, type) => {
  expect(fieldType(value)).toBe(type);
});
