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

/** A function or method. Its arguments are checked by the caller, as Go's reflection does. */
export interface Callable {
  readonly params: readonly ParamType[];
  /** The type of any further arguments; null when there may be none. */
  readonly rest: ParamType | null;
  /** Takes arguments of the shapes of the parameters, after a method's receiver. Throws an Error with Go's text. */
  readonly apply: (...args: Value[]) => Value;
  /** `apply` takes the run before all else: the function reads the entry or the clock. */
  readonly takesRun: boolean;
  /** Work per character of its texts, in units of copying one. */
  readonly weight: number;
}

/** The caller's checks are what makes this cast true. */
function callable<A extends readonly unknown[]>(
  params: readonly ParamType[],
  rest: ParamType | null,
  apply: (...args: A) => Value,
  options: { readonly takesRun?: boolean; readonly weight?: number } = {},
): Callable {
  const { takesRun = false, weight = 1 } = options;
  return { params, rest, apply: apply as unknown as (...args: Value[]) => Value, takesRun, weight };
}

export function define<const P extends readonly ParamType[]>(
  params: P,
  apply: (...args: Args<P>) => Value,
  weight = 1,
): Callable {
  return callable(params, null, apply, { weight });
}

/** Takes any number of further arguments of one type. */
export function defineVariadic<const P extends readonly ParamType[], R extends ParamType>(
  params: P,
  rest: R,
  apply: (...args: [...Args<P>, ...Shapes[R][]]) => Value,
): Callable {
  return callable(params, rest, apply);
}

/** Reads the entry or the clock. */
export function defineContextual<const P extends readonly ParamType[]>(
  params: P,
  apply: (run: Run, ...args: Args<P>) => Value,
): Callable {
  return callable(params, null, apply, { takesRun: true });
}

export function method<T extends Value, const P extends readonly ParamType[]>(
  params: P,
  apply: (receiver: T, ...args: Args<P>) => Value,
): Callable {
  return callable(params, null, apply);
}

/** Calls with checked arguments. */
export function invoke(callee: Callable, args: readonly Value[], run: Run): Value {
  if (!callee.takesRun) return callee.apply(...args);
  return (callee.apply as unknown as (run: Run, ...args: readonly Value[]) => Value)(run, ...args);
}
