import { ALIGN_FUNCTIONS } from './align.js';
import { COLLECTION_FUNCTIONS } from './collections.js';
import { COMPARE_FUNCTIONS } from './compare.js';
import { ENCODING_FUNCTIONS } from './encoding.js';
import { ESCAPE_FUNCTIONS } from './escape.js';
import type { Callable } from './function.js';
import { JSON_FUNCTIONS } from './json.js';
import { MATH_FUNCTIONS } from './math.js';
import { REGEX_FUNCTIONS } from './regex.js';
import { STRING_FUNCTIONS } from './strings.js';
import { TIME_FUNCTIONS } from './time.js';

/** Every function but `and`, `or` and `call`, which do not evaluate their arguments like others. */
const FUNCTIONS: ReadonlyMap<string, Callable> = new Map(
  [
    ALIGN_FUNCTIONS,
    COLLECTION_FUNCTIONS,
    COMPARE_FUNCTIONS,
    ENCODING_FUNCTIONS,
    ESCAPE_FUNCTIONS,
    JSON_FUNCTIONS,
    MATH_FUNCTIONS,
    REGEX_FUNCTIONS,
    STRING_FUNCTIONS,
    TIME_FUNCTIONS,
  ].flatMap((family) => Object.entries(family)),
);

export function findFunction(name: string): Callable | undefined {
  return FUNCTIONS.get(name);
}

/** For tests: the names that can be called, without the special forms. */
export function functionNames(): readonly string[] {
  return [...FUNCTIONS.keys()];
}
