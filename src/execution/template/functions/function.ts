import type { TemplateContext } from '../context.js';
import type { Time } from '../time/time.js';
import type { Zone } from '../time/zone.js';
import type { Int, Value } from '../value.js';

/** Go parameter types. */
export type ParamType = keyof Shapes;

/** What an argument of each type looks like inside a function. */
interface Shapes {
  string: string;
  /** Rounded beyond 2^53, where no length or count can be. */
  int: number;
  float64: number;
  'interface {}': Value;
  /** Like `interface {}`, but still boxed if it came so. */
  'reflect.Value': Value;
  'time.Time': Time;
  'time.Duration': Int;
  /** Undefined for nil. */
  '*time.Location': Zone | undefined;
}

type Args<P extends readonly ParamType[]> = { [K in keyof P]: Shapes[P[K]] };

/** What functions may ask about the run they are part of. */
export interface Run {
  readonly context: TemplateContext;
  /** Nanoseconds since the epoch; throws an Error when the query has no clock. */
  now(): bigint;
}

/** A function or method. Its parameters are checked by the caller, as Go's reflection does. */
export interface Callable {
  readonly params: readonly ParamType[];
  /** The type of any further arguments; null when there may be none. */
  readonly rest: ParamType | null;
  /** `args` have the shapes of the parameters; a method's receiver comes first. Throws an Error with Go's text. */
  readonly call: (args: readonly Value[], run: Run) => Value;
  /** Work per character of its texts, in units of copying one. */
  readonly weight: number;
}

export function define<const P extends readonly ParamType[]>(
  params: P,
  call: (...args: Args<P>) => Value,
  weight = 1,
): Callable {
  return { params, rest: null, call: (args) => call(...(args as Args<P>)), weight };
}

/** Takes any number of further arguments of one type. */
export function defineVariadic<const P extends readonly ParamType[], R extends ParamType>(
  params: P,
  rest: R,
  call: (...args: [...Args<P>, ...Shapes[R][]]) => Value,
): Callable {
  return { params, rest, call: (args) => call(...(args as [...Args<P>, ...Shapes[R][]])), weight: 1 };
}

/** Reads the entry or the clock. */
export function defineContextual<const P extends readonly ParamType[]>(
  params: P,
  call: (run: Run, ...args: Args<P>) => Value,
): Callable {
  return { params, rest: null, call: (args, run) => call(run, ...(args as Args<P>)), weight: 1 };
}

export function method<T extends Value, const P extends readonly ParamType[]>(
  params: P,
  call: (receiver: T, ...args: Args<P>) => Value,
): Callable {
  return { params, rest: null, call: (args) => call(...(args as [T, ...Args<P>])), weight: 1 };
}
