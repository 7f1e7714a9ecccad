import { UTC, type Zone } from './zone.js';

/** The clock and calendar of a time in its zone. */
export interface Civil {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** From 0, Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
  readonly offset: number;
  readonly abbreviation: string;
}

const DAY = 86_400;

/** Go's time.Time: a moment with nanoseconds and a zone to show it in. */
export class Time {
  readonly type = 'time.Time';
  /** Since the epoch, whole. */
  readonly seconds: number;
  /** 0 to 999 999 999. */
  readonly nanos: number;
  readonly zone: Zone;

  constructor(seconds: number, nanos: number, zone: Zone) {
    this.seconds = seconds;
    this.nanos = nanos;
    this.zone = zone;
  }

  in(zone: Zone): Time {
    return new Time(this.seconds, this.nanos, zone);
  }

  /** Nanoseconds since the epoch, beyond int64 too. */
  toNanos(): bigint {
    return BigInt(this.seconds) * 1_000_000_000n + BigInt(this.nanos);
  }

  civil(): Civil {
    const { offset, abbreviation } = this.zone.at(this.seconds);
    const local = this.seconds + offset;
    const days = Math.floor(local / DAY);
    const rest = local - days * DAY;
    const { year, month, day } = civilDate(days);
    return {
      year,
      month,
      day,
      hour: Math.floor(rest / 3600),
      minute: Math.floor(rest / 60) % 60,
      second: rest % 60,
      weekday: (((days + 4) % 7) + 7) % 7,
      yearDay: days - daysSinceEpoch(year, 1, 1) + 1,
      offset,
      abbreviation,
    };
  }
}

/** Go's zero time: the first second of year 1. */
export const ZERO_TIME = new Time(-62_135_596_800, 0, UTC);

export function timeOfNanos(nanos: bigint, zone: Zone): Time {
  let seconds = nanos / 1_000_000_000n;
  let rest = nanos % 1_000_000_000n;
  if (rest < 0n) {
    rest += 1_000_000_000n;
    seconds -= 1n;
  }
  return new Time(Number(seconds), Number(rest), zone);
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, days_from_civil). */
export function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse (H. Hinnant, civil_from_days). */
function civilDate(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

export interface DateTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanos: number;
}

/** time.Date: fields outside their range carry over; a clock time that does not exist or exists twice is resolved as Go does. */
export function timeOfDate(date: DateTime, zone: Zone): Time {
  const months = date.year * 12 + date.month - 1;
  const days = daysSinceEpoch(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, 1) + date.day - 1;
  const wall = days * DAY + date.hour * 3600 + date.minute * 60 + date.second;
  const guess = zone.at(wall).offset;
  const offset = guess === 0 ? 0 : zone.at(wall - guess).offset;
  return new Time(wall - offset, date.nanos, zone);
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
