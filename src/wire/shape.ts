/** Checks of what came over a wire: whether a value has the shape that its type says. None of them throws or recurses freely. */
export type Check = (value: unknown) => boolean;

/** A check for each field, and none forgotten. What is optional is wrapped in `maybe`. */
export type FieldsOf<T> = { readonly [Name in keyof Required<T>]: Check };

export const text: Check = (value) => typeof value === 'string';
export const number: Check = (value) => typeof value === 'number';
export const flag: Check = (value) => typeof value === 'boolean';
/** ns since the epoch, or another int64. */
export const int64: Check = (value) => typeof value === 'bigint';
/** A count, index or sequence number. */
export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const bytes: Check = (value) => value instanceof Uint8Array;
export const int32s: Check = (value) => value instanceof Int32Array;
export const shared: Check = (value) => value instanceof SharedArrayBuffer;
/** Looked at by whoever uses it. */
export const anything: Check = () => true;

export function maybe(check: Check): Check {
  return (value) => value === undefined || check(value);
}

export function oneOf(...values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

export function list(item: Check): Check {
  return (value) => Array.isArray(value) && value.every(item);
}

/** An array of exactly these. */
export function tuple(...items: readonly Check[]): Check {
  return (value) => Array.isArray(value) && value.length === items.length && items.every((item, i) => item(value[i]));
}

export function record<T>(fields: FieldsOf<T>): Check {
  const checks = Object.entries<Check>(fields);
  return (value) =>
    typeof value === 'object' && value !== null && checks.every(([name, check]) => check((value as Fields)[name]));
}

type Fields = Readonly<Record<string, unknown>>;

/** Told apart by `kind`. */
export function byKind(kinds: Readonly<Record<string, Check>>): Check {
  const known = new Map(Object.entries(kinds));
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    return known.get((value as { kind?: unknown }).kind as string)?.(value) === true;
  };
}
