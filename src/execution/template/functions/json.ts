import { fromJsonValue, Int, type Json, ListValue, MapValue, unbox, type Value } from '../value.js';
import { type Callable, define, defineVariadic } from './function.js';

const MAY_HOLD_SURROGATES = /\\u[dD][89a-fA-F]|[\ud800-\udfff]/;

/** sprig fromJson: nil when the text is no JSON. */
function fromJson(text: string): Value {
  try {
    // Go replaces what is no character, in the text and in `\ud800` escapes, by U+FFFD.
    const json = MAY_HOLD_SURROGATES.test(text)
      ? JSON.parse(replaceStray(text), (_key, value: unknown) =>
          typeof value === 'string' ? replaceStray(value) : value,
        )
      : JSON.parse(text);
    return fromJsonValue(json as Json);
  } catch {
    return undefined; // a SyntaxError, or nesting too deep to be repaired
  }
}

function replaceStray(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** sprig's emptiness: the zero of its type, or nothing in it; a time never is. */
function isEmpty(boxed: Value): boolean {
  const value = unbox(boxed);
  switch (typeof value) {
    case 'undefined':
      return true;
    case 'string':
      return value === '';
    case 'boolean':
      return !value;
    case 'number':
      return value === 0;
    default:
      if (value instanceof Int) return value.value === 0n;
      if (value instanceof MapValue) return value.size === 0;
      return value instanceof ListValue && value.length === 0;
  }
}

export const JSON_FUNCTIONS: Readonly<Record<string, Callable>> = {
  fromJson: define(['string'], fromJson, 4),
  default: defineVariadic(['interface {}'], 'interface {}', (fallback, ...given) =>
    isEmpty(given[0]) ? fallback : given[0],
  ),
};
