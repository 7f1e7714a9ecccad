import { raise } from '../../wire/fault.js';
import type { JsonScanner } from './json-scanner.js';

/** A time in seconds and nanoseconds since the epoch, 0 <= nanos < 1e9. */
interface SplitTime {
  seconds: number;
  nanos: number;
}

const time: SplitTime = { seconds: 0, nanos: 0 };

const MAX_SECONDS = 9223372036;
const MAX_NANOS = 854775807;

/**
 * The string read last as decimal int64 nanoseconds. The same object is returned each time. Throws a FaultError
 * (`bad-request`) on anything else.
 */
export function parseNanos(json: JsonScanner): SplitTime {
  const { bytes } = json.source;
  const isNegative = bytes[json.start] === 0x2d;
  const start = isNegative ? json.start + 1 : json.start;
  const { end } = json;
  if (start === end) json.fail('timestamp is not a number of nanoseconds');
  let seconds = 0;
  let nanos = 0;
  const split = end - 9;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) json.fail('timestamp is not a number of nanoseconds');
    if (i < split) seconds = seconds * 10 + digit;
    else nanos = nanos * 10 + digit;
  }
  if (seconds > MAX_SECONDS || (seconds === MAX_SECONDS && nanos > MAX_NANOS + (isNegative ? 1 : 0))) {
    json.fail('timestamp overflows int64 nanoseconds');
  }
  time.seconds = isNegative ? -seconds - (nanos > 0 ? 1 : 0) : seconds;
  time.nanos = isNegative && nanos > 0 ? 1e9 - nanos : nanos;
  return time;
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,18}))?(Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 with up to nanoseconds, as seconds and nanoseconds. Throws a FaultError (`bad-request`) on anything else. */
export function parseRfc3339(text: string): [seconds: number, nanos: number] {
  const match = RFC3339.exec(text.slice(0, 64));
  if (match === null || text.length > 64) return refuseTime(text);
  const [, year, month, day, hour, minute, second, fraction, zone] = match as unknown as string[];
  const numbers = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(numbers[0], numbers[1] - 1, numbers[2]);
  const isCalendarDay = date.getUTCMonth() === numbers[1] - 1 && date.getUTCDate() === numbers[2];
  if (!isCalendarDay || numbers[3] > 23 || numbers[4] > 59 || numbers[5] > 59) return refuseTime(text);
  const local = date.getTime() / 1000 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5];
  return [local - offsetSeconds(zone!), Number((fraction ?? '').padEnd(9, '0').slice(0, 9))];
}

function offsetSeconds(zone: string): number {
  if (zone === 'Z') return 0;
  const seconds = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(4, 6)) * 60;
  return zone.startsWith('-') ? -seconds : seconds;
}

function refuseTime(text: string): never {
  return raise('bad-request', `parsing time ${JSON.stringify(text.slice(0, 64))} as RFC 3339 failed`);
}
