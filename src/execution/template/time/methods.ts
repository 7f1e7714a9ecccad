import { formatPlain } from '../fmt/value.js';
import { type Callable, method } from '../functions/function.js';
import { Int, int, int64, type Value } from '../value.js';
import { formatTime, timeString } from './format.js';
import { durationString } from './names.js';
import { Time, timeOfDate, timeOfNanos, ZERO_TIME } from './time.js';
import { LOCAL, UTC, type Zone } from './zone.js';

const SECOND = 1_000_000_000n;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

function duration(ns: bigint): Int {
  const clamped = ns > INT64_MAX ? INT64_MAX : ns < INT64_MIN ? INT64_MIN : ns;
  return new Int('time.Duration', clamped);
}

function compare(a: Time, b: Time): number {
  return Math.sign(a.seconds - b.seconds || a.nanos - b.nanos);
}

/** Time since Go's zero time: what Round and Truncate count from. */
function sinceZero(time: Time): bigint {
  return time.toNanos() - ZERO_TIME.toNanos();
}

function truncated(time: Time, { value: unit }: Int): Time {
  if (unit <= 0n) return time;
  return timeOfNanos(time.toNanos() - (sinceZero(time) % unit), time.zone);
}

function rounded(time: Time, { value: unit }: Int): Time {
  if (unit <= 0n) return time;
  const rest = sinceZero(time) % unit;
  const change = rest + rest < unit ? -rest : unit - rest;
  return timeOfNanos(time.toNanos() + change, time.zone);
}

function addDate(time: Time, years: number, months: number, days: number): Time {
  const { year, month, day, hour, minute, second } = time.civil();
  const date = { year: year + years, month: month + months, day: day + days, hour, minute, second, nanos: time.nanos };
  return timeOfDate(date, time.zone);
}

function inZone(time: Time, zone: Zone | undefined): Time {
  if (zone === undefined) throw new Error('time: missing Location in call to Time.In');
  return time.in(zone);
}

/** Methods of time.Time. Left out: those that make bytes, and GoString. */
const TIME: Readonly<Record<string, Callable>> = {
  Add: method(['time.Duration'], (time: Time, d) => timeOfNanos(time.toNanos() + d.value, time.zone)),
  AddDate: method(['int', 'int', 'int'], addDate),
  After: method(['time.Time'], (time: Time, other) => compare(time, other) > 0),
  Before: method(['time.Time'], (time: Time, other) => compare(time, other) < 0),
  Compare: method(['time.Time'], (time: Time, other) => int(compare(time, other))),
  Day: method([], (time: Time) => int(time.civil().day)),
  Equal: method(['time.Time'], (time: Time, other) => compare(time, other) === 0),
  Format: method(['string'], (time: Time, layout) => formatTime(time, layout)),
  Hour: method([], (time: Time) => int(time.civil().hour)),
  In: method(['*time.Location'], inZone),
  IsDST: method([], isSummer),
  IsZero: method([], (time: Time) => compare(time, ZERO_TIME) === 0),
  Local: method([], (time: Time) => time.in(LOCAL)),
  Location: method([], (time: Time): Zone => time.zone),
  Minute: method([], (time: Time) => int(time.civil().minute)),
  Month: method([], (time: Time) => new Int('time.Month', BigInt(time.civil().month))),
  Nanosecond: method([], (time: Time) => int(time.nanos)),
  Round: method(['time.Duration'], rounded),
  Second: method([], (time: Time) => int(time.civil().second)),
  String: method([], timeString),
  Sub: method(['time.Time'], (time: Time, other) => duration(time.toNanos() - other.toNanos())),
  Truncate: method(['time.Duration'], truncated),
  UTC: method([], (time: Time) => time.in(UTC)),
  Unix: method([], (time: Time) => int64(BigInt(time.seconds))),
  UnixMicro: method([], (time: Time) => int64(floorDivide(time.toNanos(), 1000n))),
  UnixMilli: method([], (time: Time) => int64(floorDivide(time.toNanos(), 1_000_000n))),
  UnixNano: method([], (time: Time) => int64(time.toNanos())),
  Weekday: method([], (time: Time) => new Int('time.Weekday', BigInt(time.civil().weekday))),
  Year: method([], (time: Time) => int(time.civil().year)),
  YearDay: method([], (time: Time) => int(time.civil().yearDay)),
};

/** Methods that a template cannot call, with Go's reason. */
const UNCALLABLE: Readonly<Record<string, string>> = {
  Clock: 'function Clock has 3 return values; should be 1 or 2',
  Date: 'function Date has 3 return values; should be 1 or 2',
  ISOWeek: 'invalid function signature for ISOWeek: second return value should be error; is int',
  Zone: 'invalid function signature for Zone: second return value should be error; is int',
  ZoneBounds: 'invalid function signature for ZoneBounds: second return value should be error; is time.Time',
};

function floorDivide(a: bigint, b: bigint): bigint {
  return a < 0n ? -((-a + b - 1n) / b) : a / b;
}

/** Whether the offset is above the smaller one of its year. */
function isSummer(time: Time): boolean {
  const { year } = time.civil();
  const offsets = [1, 7].map((month) => {
    const date = { year, month, day: 1, hour: 0, minute: 0, second: 0, nanos: 0 };
    return time.zone.at(timeOfDate(date, UTC).seconds).offset;
  });
  return time.zone.at(time.seconds).offset > Math.min(...offsets);
}

/** Methods of time.Duration, on its nanoseconds. */
const DURATION: Readonly<Record<string, Callable>> = {
  Abs: method([], (d: Int) => duration(d.value < 0n ? -d.value : d.value)),
  Hours: method([], (d: Int) => inUnits(d.value, 3600n * SECOND)),
  Microseconds: method([], (d: Int) => int64(d.value / 1000n)),
  Milliseconds: method([], (d: Int) => int64(d.value / 1_000_000n)),
  Minutes: method([], (d: Int) => inUnits(d.value, 60n * SECOND)),
  Nanoseconds: method([], (d: Int) => int64(d.value)),
  Round: method(['time.Duration'], (d: Int, unit) => duration(roundedDuration(d.value, unit.value))),
  Seconds: method([], (d: Int) => inUnits(d.value, SECOND)),
  String: method([], (d: Int) => durationString(d.value)),
  Truncate: method(['time.Duration'], truncatedDuration),
};

function inUnits(ns: bigint, unit: bigint): number {
  return Number(ns / unit) + Number(ns % unit) / Number(unit);
}

function truncatedDuration(d: Int, { value: unit }: Int): Int {
  return unit <= 0n ? d : duration(d.value - (d.value % unit));
}

/** Halves away from zero. */
function roundedDuration(ns: bigint, unit: bigint): bigint {
  if (unit <= 0n) return ns;
  const size = ns < 0n ? -ns : ns;
  const rest = size % unit;
  const change = rest + rest < unit ? -rest : unit - rest;
  return ns < 0n ? -(size + change) : size + change;
}

const STRING: Readonly<Record<string, Callable>> = { String: method([], (self: Value) => formatPlain(self)) };

/** A method, Go's reason why it cannot be called, or undefined when the type has none of that name. */
export function findMethod(receiver: Value, name: string): Callable | string | undefined {
  const table = methodsOf(receiver);
  if (table === undefined) return undefined;
  if (receiver instanceof Time && Object.hasOwn(UNCALLABLE, name)) return UNCALLABLE[name];
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function methodsOf(receiver: Value): Readonly<Record<string, Callable>> | undefined {
  if (receiver instanceof Time) return TIME;
  if (typeof receiver !== 'object') return undefined;
  if (receiver instanceof Int) {
    if (receiver.type === 'time.Duration') return DURATION;
    return receiver.type === 'time.Month' || receiver.type === 'time.Weekday' ? STRING : undefined;
  }
  return 'type' in receiver && receiver.type === '*time.Location' ? STRING : undefined;
}

/** Fields that Go hides, which it says when they are named. */
export const HIDDEN_TIME_FIELDS: ReadonlySet<string> = new Set(['wall', 'ext', 'loc']);
