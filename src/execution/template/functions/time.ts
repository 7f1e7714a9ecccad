import { parseGoDuration } from '../../../wire/duration.js';
import { quoteGoString as quote } from '../../../wire/go-quote.js';
import { formatTime } from '../time/format.js';
import { parseTime } from '../time/parse.js';
import { Time, timeOfNanos } from '../time/time.js';
import { LOCAL, loadZone, UTC } from '../time/zone.js';
import { Int, type Value } from '../value.js';
import { type Callable, define, defineContextual, type Run } from './function.js';

/** sprig date: a time, or seconds since the epoch as an int; anything else means now. */
function date(run: Run, layout: string, value: Value): string {
  return formatTime(dateOf(run, value).in(LOCAL), layout);
}

function dateOf(run: Run, value: Value): Time {
  if (value instanceof Time) return value;
  const isSeconds = value instanceof Int && (value.type === 'int' || value.type === 'int64');
  return isSeconds ? new Time(Number(value.value), 0, LOCAL) : now(run);
}

function now(run: Run): Time {
  return timeOfNanos(run.now(), LOCAL);
}

/** Nanoseconds in the unit that a Unix time of so many digits must have. */
const UNIT_BY_LENGTH: Readonly<Record<number, bigint>> = {
  5: 86_400_000_000_000n, // days
  10: 1_000_000_000n,
  13: 1_000_000n,
  16: 1_000n,
  19: 1n,
};

function unixToTime(text: string): Time {
  if (!/^[+-]?\d+$/.test(text)) throw unixError(text, `strconv.ParseInt: parsing ${quote(text)}: invalid syntax`);
  const value = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, value) !== value) {
    throw unixError(text, `strconv.ParseInt: parsing ${quote(text)}: value out of range`);
  }
  const unit = UNIT_BY_LENGTH[text.length];
  // Go formats the error that there is not.
  if (unit === undefined) throw unixError(text, '%!w(<nil>)');
  const nanos = value * unit;
  // Below seconds Go multiplies in int64, which wraps around.
  return timeOfNanos(text.length > 10 ? BigInt.asIntN(64, nanos) : nanos, LOCAL);
}

function unixError(text: string, cause: string): Error {
  return new Error(`unable to parse time '${text}': ${cause}`);
}

export const TIME_FUNCTIONS: Readonly<Record<string, Callable>> = {
  __line__: defineContextual([], ({ context }) => context.line()),
  __timestamp__: defineContextual([], ({ context }) => timeOfNanos(context.timestamp(), LOCAL)),
  now: defineContextual([], now),
  date: defineContextual(['string', 'interface {}'], date),
  toDate: define(['string', 'string'], (layout, text) => parseTime(layout, text, LOCAL)),
  toDateInZone: define(['string', 'string', 'string'], (layout, zone, text) =>
    parseTime(layout, text, loadZone(zone) ?? UTC),
  ),
  unixEpoch: define(['time.Time'], (time) => String(time.seconds)),
  unixEpochMillis: define(['time.Time'], (time) => epoch(time, 1_000_000n)),
  unixEpochNanos: define(['time.Time'], (time) => epoch(time, 1n)),
  unixToTime: define(['string'], unixToTime),
  duration: define(['string'], seconds),
  duration_seconds: define(['string'], seconds),
};

function epoch(time: Time, unit: bigint): string {
  const nanos = time.toNanos();
  const rest = ((nanos % unit) + unit) % unit;
  return String(BigInt.asIntN(64, (nanos - rest) / unit));
}

/** A Go duration in seconds. */
function seconds(text: string): number {
  const ns = parseGoDuration(text);
  const whole = Math.trunc(ns / 1e9);
  return whole + (ns - whole * 1e9) / 1e9;
}
