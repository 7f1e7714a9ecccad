import { encodeGoString, goLength, goSlice } from '../../../wire/go-string.js';
import { Int, Interface, int, ListValue, MapValue, typeName, unbox, type Value } from '../value.js';
import { type Callable, define, defineVariadic } from './function.js';

/** What reflect says of a value that is not there. */
const NO_TYPE = 'reflect: call of reflect.Value.Type on zero Value';

function length(boxed: Value): Int {
  if (boxed instanceof Interface && boxed.value === undefined) throw new Error('len of nil pointer');
  const item = unbox(boxed);
  if (item === undefined) throw new Error(NO_TYPE);
  if (typeof item === 'string') return int(goLength(item));
  if (item instanceof MapValue) return int(item.size);
  if (item instanceof ListValue) return int(item.length);
  throw new Error(`len of type ${typeName(item)}`);
}

function index(first: Value, ...indexes: Value[]): Value {
  if (unbox(first) === undefined) throw new Error('index of untyped nil');
  return indexes.reduce(element, unbox(first));
}

function element(boxed: Value, boxedIndex: Value): Value {
  const item = unbox(boxed);
  const at = unbox(boxedIndex);
  if (item === undefined) throw new Error('index of nil pointer');
  if (item instanceof MapValue) {
    if (at === undefined) throw new Error('value is nil; should be of type string');
    if (typeof at !== 'string') throw new Error(`value has type ${typeName(at)}; should be string`);
    return item.get(at);
  }
  if (item instanceof ListValue) {
    const i = position(at, item.length);
    if (i === item.length) throw new Error('reflect: slice index out of range');
    return item.at(i);
  }
  if (typeof item !== 'string') throw new Error(`can't index item of type ${typeName(item)}`);
  const bytes = encodeGoString(item);
  const i = position(at, bytes.length);
  if (i === bytes.length) throw new Error('reflect: string index out of range');
  return new Int('uint8', BigInt(bytes[i]!));
}

function position(at: Value, capacity: number): number {
  if (at === undefined) throw new Error('cannot index slice/array with nil');
  if (!(at instanceof Int)) throw new Error(`cannot index slice/array with type ${typeName(at)}`);
  if (at.value < 0n || at.value > BigInt(capacity)) throw new Error(`index out of range: ${at.value}`);
  return Number(at.value);
}

function slice(first: Value, ...indexes: Value[]): Value {
  const item = unbox(first);
  if (item === undefined) throw new Error('slice of untyped nil');
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  const isText = typeof item === 'string';
  if (isText && indexes.length === 3) throw new Error('cannot 3-index slice a string');
  if (!isText && !(item instanceof ListValue)) throw new Error(`can't slice item of type ${typeName(item)}`);
  const size = isText ? goLength(item) : item.length;
  const [start = 0, end = size, capacity = size] = indexes.map((at) => position(unbox(at), size));
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw new Error(`invalid slice index: ${end} > ${capacity}`);
  return isText ? goSlice(item, start, end) : item.slice(start, end);
}

export const COLLECTION_FUNCTIONS: Readonly<Record<string, Callable>> = {
  len: define(['reflect.Value'], length),
  index: defineVariadic(['reflect.Value'], 'reflect.Value', index),
  slice: defineVariadic(['reflect.Value'], 'reflect.Value', slice),
};
