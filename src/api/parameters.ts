/** Request parameters: the URL's query and a posted form, merged, and their values read as Loki reads them. */
import { parsePrometheusDuration } from '../wire/duration.js';
import { raise } from '../wire/fault.js';
import { parseGoFloat } from '../wire/go-number.js';
import { quoteGo } from '../wire/labels.js';
import { type Nanos, NS_PER_SECOND } from '../wire/time.js';
import { parseRfc3339 } from './rfc3339.js';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const UINT32_MAX = 4294967295;
/** An integer of at most this many characters is seconds, a longer one nanoseconds. */
const SECONDS_DIGITS_MAX = 10;
const DEFAULT_LIMIT = 100;
const DEFAULT_SINCE_NS = 3600 * 1e9;
const POINTS_MAX = 11000;

export class Parameters {
  readonly #values = new Map<string, string[]>();

  /** A form body comes before the URL's query: the first value of a name is the one that counts. */
  constructor(search: string, form = '') {
    for (const source of [form, search]) {
      for (const [name, value] of new URLSearchParams(source)) {
        const values = this.#values.get(name);
        if (values === undefined) this.#values.set(name, [value]);
        else values.push(value);
      }
    }
  }

  /** The first value, or '' when there is none: Loki treats an empty parameter as an absent one. */
  get(name: string): string {
    return this.#values.get(name)?.[0] ?? '';
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

/** `start`, `end` and `since`: end defaults to now, start to one hour (or `since`) before the earlier of end and now. */
export function timeBounds(parameters: Parameters, now: Nanos): { start: Nanos; end: Nanos } {
  const since = named('since', () => sinceOf(parameters.get('since')));
  const end = named('end', () => timeOf(parameters.get('end'), now));
  const base = end > now ? now : end;
  const start = named('start', () => timeOf(parameters.get('start'), base - BigInt(since)));
  return { start, end };
}

/** As `timeBounds`; raises `bad-request` when the end lies before the start. */
export function orderedTimeBounds(parameters: Parameters, now: Nanos): { start: Nanos; end: Nanos } {
  const bounds = timeBounds(parameters, now);
  if (bounds.end < bounds.start) raise('bad-request', 'end timestamp must not be before or equal to start time');
  return bounds;
}

function sinceOf(value: string): number {
  return value === '' ? DEFAULT_SINCE_NS : parsePrometheusDuration(value);
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return raise('bad-request', `could not parse '${name}' parameter: ${messageOf(error)}`);
  }
}

/** The evaluation time of an instant query. */
export function evaluationTime(parameters: Parameters, now: Nanos): Nanos {
  try {
    return timeOf(parameters.get('time'), now);
  } catch (error) {
    return raise('bad-request', messageOf(error));
  }
}

/** Times outside the years 1677 to 2262 are taken for the last one that int64 nanoseconds can say. */
function timeOf(value: string, fallback: Nanos): Nanos {
  const time = unboundedTimeOf(value, fallback);
  return time > INT64_MAX ? INT64_MAX : time < INT64_MIN ? INT64_MIN : time;
}

/**
 * A time as nanoseconds: with a `.` float seconds rounded to milliseconds, up to 10 characters of integer seconds, a
 * longer integer nanoseconds, else RFC 3339. Throws an Error with Go's text for a bad integer.
 */
function unboundedTimeOf(value: string, fallback: Nanos): Nanos {
  if (value === '') return fallback;
  if (value.includes('.')) {
    const seconds = floatOrUndefined(value);
    if (seconds !== undefined) return floatSeconds(seconds, value);
  }
  if (/^[+-]?\d+$/.test(value)) {
    const integer = BigInt(value);
    if (integer > INT64_MAX || integer < INT64_MIN) throw goIntegerError('ParseInt', value, 'value out of range');
    return value.length <= SECONDS_DIGITS_MAX ? integer * NS_PER_SECOND : integer;
  }
  const time = parseRfc3339(value);
  if (time === undefined) throw goIntegerError('ParseInt', value, 'invalid syntax');
  return time;
}

function floatSeconds(seconds: number, value: string): Nanos {
  const whole = Math.trunc(seconds);
  if (!Number.isFinite(seconds) || Math.abs(whole) > Number(INT64_MAX / NS_PER_SECOND)) {
    throw goIntegerError('ParseInt', value, 'value out of range');
  }
  const milliseconds = Math.round((seconds - whole) * 1000);
  return BigInt(whole) * NS_PER_SECOND + BigInt(milliseconds) * 1_000_000n;
}

/** The most entries to return; B7's upper bound depends on the query and is checked by the querier. */
export function limitOf(parameters: Parameters): number {
  return positiveOf(parameters, 'limit', DEFAULT_LIMIT);
}

/** A parameter that says how many, as `limit` does. */
export function positiveOf(parameters: Parameters, name: string, fallback: number): number {
  const value = parameters.get(name);
  if (value === '') return fallback;
  const limit = goInteger(value);
  if (limit <= 0) return raise('bad-request', 'limit must be a positive value');
  if (limit > UINT32_MAX) return raise('bad-request', `limit value ${limit} is out of range [0, ${UINT32_MAX}]`);
  return Number(limit);
}

/** Go's strconv.Atoi. */
export function goInteger(value: string): bigint {
  if (!/^[+-]?\d+$/.test(value)) return raise('bad-request', goIntegerError('Atoi', value, 'invalid syntax').message);
  const integer = BigInt(value);
  if (integer > INT64_MAX || integer < INT64_MIN) {
    return raise('bad-request', goIntegerError('Atoi', value, 'value out of range').message);
  }
  return integer;
}

export function directionOf(parameters: Parameters): 'forward' | 'backward' {
  const value = parameters.get('direction');
  const direction = value.toLowerCase();
  if (direction === '' || direction === 'backward') return 'backward';
  if (direction === 'forward') return 'forward';
  return raise('bad-request', `invalid direction '${value}'`);
}

/**
 * The step of a range query in nanoseconds, a whole number of milliseconds: by default a 250th of the range, in whole
 * seconds, at least one.
 */
export function stepOf(parameters: Parameters, bounds: { start: Nanos; end: Nanos }): number {
  const value = parameters.get('step');
  const range = Number(bounds.end - bounds.start);
  const step = value === '' ? Math.max(Math.floor(range / 1e9 / 250), 1) * 1e9 : secondsOrDuration(value);
  if (step <= 0) {
    return raise(
      'bad-request',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if (Math.trunc(range / step) > POINTS_MAX) {
    return raise(
      'bad-request',
      'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter',
    );
  }
  return Math.max(1e6, Math.floor(step / 1e6) * 1e6);
}

/** B9: the least distance between returned entries in nanoseconds; 0 = none. */
export function intervalOf(parameters: Parameters): number {
  const value = parameters.get('interval');
  const interval = value === '' ? 0 : secondsOrDuration(value);
  if (interval < 0) return raise('bad-request', 'interval must be >= 0');
  return interval;
}

/** Float seconds (`1.5`) or a Prometheus duration (`1m`), in whole nanoseconds. */
function secondsOrDuration(value: string): number {
  const seconds = floatOrUndefined(value);
  if (seconds !== undefined) {
    // Converted to an int64 by Go, not-a-number becomes the smallest one.
    const nanos = Number.isNaN(seconds) ? Number(INT64_MIN) : Math.trunc(seconds * 1e9);
    if (nanos > Number(INT64_MAX) || nanos < Number(INT64_MIN)) {
      return raise('bad-request', `cannot parse ${quoteGo(value)} to a valid duration. It overflows int64`);
    }
    return nanos;
  }
  try {
    return parsePrometheusDuration(value);
  } catch {
    return raise('bad-request', `cannot parse ${quoteGo(value)} to a valid duration`);
  }
}

function floatOrUndefined(value: string): number | undefined {
  try {
    return parseGoFloat(value);
  } catch {
    return undefined;
  }
}

function goIntegerError(name: string, value: string, why: string): Error {
  return new Error(`strconv.${name}: parsing ${quoteGo(value)}: ${why}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
