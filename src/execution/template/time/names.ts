import { formatGoDuration, NS } from '../../../wire/duration.js';
import { MONTHS, WEEKDAYS } from './layout.js';

const HOUR = BigInt(NS.hour);

/** time.Month.String. */
export function monthName(month: bigint): string {
  return MONTHS[Number(month) - 1] ?? `%!Month(${BigInt.asUintN(64, month)})`;
}

/** time.Weekday.String. */
export function weekdayName(weekday: bigint): string {
  return WEEKDAYS[Number(weekday)] ?? `%!Weekday(${BigInt.asUintN(64, weekday)})`;
}

/** time.Duration.String of any int64. */
export function durationString(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  if (size < HOUR) return formatGoDuration(Number(ns));
  // Beyond some weeks nanoseconds do not fit a number: the hours are printed apart.
  const underTwo = formatGoDuration(Number(size % HOUR) + NS.hour);
  return `${ns < 0n ? '-' : ''}${size / HOUR}${underTwo.slice(1)}`;
}
