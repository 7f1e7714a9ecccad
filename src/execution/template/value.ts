import { compareGoStrings } from '../../wire/go-string.js';
import type { TemplateContext } from './context.js';
import type { Time } from './time/time.js';
import type { Zone } from './time/zone.js';

/**
 * A Go value while a template runs. `undefined` is no value at all (reflect's zero Value), a JS number is a float64.
 */
export type Value =
  | undefined
  | string
  | boolean
  | number
  | Int
  | Complex
  | Time
  | Zone
  | MapValue
  | ListValue
  | Interface;

export type IntType = 'int' | 'int64' | 'uint8' | 'time.Month' | 'time.Weekday' | 'time.Duration';

export class Int {
  readonly type: IntType;
  readonly value: bigint;

  constructor(type: IntType, value: bigint) {
    this.type = type;
    this.value = value;
  }
}

/** An `int` that fits a JS number, such as a length. */
export function int(value: number): Int {
  return new Int('int', BigInt(value));
}

/** An `int64`, wrapped around as Go's arithmetic does. */
export function int64(value: bigint): Int {
  return new Int('int64', BigInt.asIntN(64, value));
}

export class Complex {
  readonly real: number;
  readonly imaginary: number;

  constructor(real: number, imaginary: number) {
    this.real = real;
    this.imaginary = imaginary;
  }
}

/**
 * A value that Go holds in an `interface {}`: an element of decoded JSON reached by a field or by `range`. Only nil and
 * error texts tell it from its content; pipelines unwrap it.
 */
export class Interface {
  readonly value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

export function unbox(value: Value): Value {
  return value instanceof Interface ? value.value : value;
}

/** A map with string keys. */
export abstract class MapValue {
  abstract readonly type: string;
  abstract readonly size: number;
  /** The element, boxed if it is an interface; the element type's zero when there is none. */
  abstract get(key: string): Value;
  /** In Go's order: sorted by bytes. */
  abstract keys(): readonly string[];
}

/** The label map: what `.` is at the start. */
export class LabelsValue extends MapValue {
  readonly type = 'map[string]string';
  readonly context: TemplateContext;

  constructor(context: TemplateContext) {
    super();
    this.context = context;
  }

  get size(): number {
    return this.keys().length;
  }

  get(key: string): string {
    return this.context.get(key);
  }

  keys(): readonly string[] {
    return Array.from(this.context.entries(), ([name]) => name).sort(compareGoStrings);
  }
}

/** What JSON.parse returns. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const NIL_INTERFACE = new Interface(undefined);

/** Decoded JSON as Go sees it: numbers are float64, null is nil. Elements are wrapped when they are reached. */
export function fromJsonValue(json: Json): Value {
  if (json === null) return undefined;
  // Go refuses numbers beyond float64 and leaves nil in their place.
  if (typeof json === 'number') return Number.isFinite(json) ? json : undefined;
  if (typeof json !== 'object') return json;
  return Array.isArray(json) ? new ListValue(json) : new JsonObject(json as { readonly [key: string]: Json });
}

export class JsonObject extends MapValue {
  readonly type = 'map[string]interface {}';
  private readonly json: { readonly [key: string]: Json };

  constructor(json: { readonly [key: string]: Json }) {
    super();
    this.json = json;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  get(key: string): Value {
    return Object.hasOwn(this.json, key) ? new Interface(fromJsonValue(this.json[key]!)) : NIL_INTERFACE;
  }

  keys(): readonly string[] {
    return Object.keys(this.json).sort(compareGoStrings);
  }
}

/** A JSON array. */
export class ListValue {
  readonly type = '[]interface {}';
  private readonly items: readonly Json[];

  constructor(items: readonly Json[]) {
    this.items = items;
  }

  get length(): number {
    return this.items.length;
  }

  at(i: number): Interface {
    return new Interface(fromJsonValue(this.items[i]!));
  }

  slice(start: number, end: number): ListValue {
    return new ListValue(this.items.slice(start, end));
  }
}

/** reflect's name of a value's type. */
export function typeName(value: Exclude<Value, undefined>): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    default:
      if (value instanceof Interface) return 'interface {}';
      return value instanceof Complex ? 'complex128' : value.type;
  }
}

/** Go's truth: not the zero of its type. */
export function isTrue(boxed: Value): boolean {
  const value = unbox(boxed);
  switch (typeof value) {
    case 'undefined':
      return false;
    case 'string':
      return value !== '';
    case 'boolean':
      return value;
    case 'number':
      return value !== 0;
    default:
      if (value instanceof Int) return value.value !== 0n;
      if (value instanceof MapValue) return value.size > 0;
      if (value instanceof ListValue) return value.length > 0;
      if (value instanceof Complex) return value.real !== 0 || value.imaginary !== 0;
      return true;
  }
}
