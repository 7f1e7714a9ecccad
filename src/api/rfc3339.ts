import { type Nanos, NS_PER_MS } from '../wire/time.js';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** RFC 3339 with up to nanoseconds (further digits are cut off), or undefined where Go's time.Parse would refuse. */
export function parseRfc3339(text: string): Nanos | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = match;
  const civilMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const civil = new Date(civilMs);
  if (Number(year) < 100) civil.setUTCFullYear(Number(year));
  // Date.UTC lets 31 February and 25:00 run over into the next unit; what comes back then differs from what was given.
  if (civil.toISOString().slice(0, 19) !== text.slice(0, 19)) return undefined;
  if (Number(zoneHour) > 23 || Number(zoneMinute) > 59) return undefined;
  const offsetMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === '-' ? -1 : 1);
  return BigInt(civil.getTime() - offsetMs) * NS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}
