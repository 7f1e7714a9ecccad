import { type Chunk, layoutChunks, MONTHS, WEEKDAYS } from './layout.js';
import { type DateTime, daysSinceEpoch, isLeapYear, Time, timeOfDate, ZERO_TIME } from './time.js';
import { fixedZone, UTC, type Zone } from './zone.js';

/** time.ParseInLocation; Go's zero time where it reports an error, which is all that templates see of one. */
export function parseTime(layout: string, value: string, zone: Zone): Time {
  const parser = new TimeParser(layoutChunks(layout), value);
  return parser.run() ? (parser.finish(zone) ?? ZERO_TIME) : ZERO_TIME;
}

const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3));
const SHORT_WEEKDAYS = WEEKDAYS.map((name) => name.slice(0, 3));

/** `September`, `Wednesday`. */
const LONGEST_NAME = 9;

/** Every step consumes from `rest` and says whether the value fits. */
class TimeParser {
  private readonly chunks: readonly Chunk[];
  private rest: string;
  private year = 0;
  private month = -1;
  private day = -1;
  private yearDay = -1;
  private hour = 0;
  private minute = 0;
  private second = 0;
  private nanos = 0;
  private half: 'am' | 'pm' | '' = '';
  private utc = false;
  private offset: number | null = null;
  private zoneName = '';

  constructor(chunks: readonly Chunk[], value: string) {
    this.chunks = chunks;
    this.rest = value;
  }

  run(): boolean {
    return this.chunks.every((chunk, i) => this.chunk(chunk, this.chunks[i + 1])) && this.rest === '';
  }

  private chunk(chunk: Chunk, next: Chunk | undefined): boolean {
    switch (chunk.kind) {
      case 'text':
        return this.text(chunk.text);
      case 'year4':
        return this.number(/^\d{4}/, 0, 9999, (n) => (this.year = n));
      case 'year2':
        return this.number(/^\d\d/, 0, 99, (n) => (this.year = n >= 69 ? n + 1900 : n + 2000));
      case 'month-name':
      case 'month-short':
        return this.name(chunk.kind === 'month-name' ? MONTHS : SHORT_MONTHS, (i) => (this.month = i + 1));
      case 'month':
      case 'month2':
        return this.number(chunk.kind === 'month2' ? /^\d\d/ : /^\d\d?/, 1, 12, (n) => (this.month = n));
      case 'weekday-name':
      case 'weekday-short':
        return this.name(chunk.kind === 'weekday-name' ? WEEKDAYS : SHORT_WEEKDAYS, () => {});
      case 'day':
      case 'day_':
      case 'day2':
        if (chunk.kind === 'day_') this.rest = this.rest.replace(/^ /, '');
        return this.number(chunk.kind === 'day2' ? /^\d\d/ : /^\d\d?/, 0, 99, (n) => (this.day = n));
      case 'year-day_':
      case 'year-day3':
        if (chunk.kind === 'year-day_') this.rest = this.rest.replace(/^ {1,2}/, '');
        return this.number(chunk.kind === 'year-day3' ? /^\d{3}/ : /^\d{1,3}/, 0, 999, (n) => (this.yearDay = n));
      case 'hour2':
        return this.number(/^\d\d?/, 0, 23, (n) => (this.hour = n));
      case 'hour12':
      case 'hour12-2':
        return this.number(chunk.kind === 'hour12-2' ? /^\d\d/ : /^\d\d?/, 0, 12, (n) => (this.hour = n));
      case 'minute':
      case 'minute2':
        return this.number(chunk.kind === 'minute2' ? /^\d\d/ : /^\d\d?/, 0, 59, (n) => (this.minute = n));
      case 'second':
      case 'second2':
        return this.seconds(chunk.kind === 'second2', next);
      case 'PM':
      case 'pm':
        return this.halfDay(chunk.kind);
      case 'offset':
        return this.numericZone(chunk);
      case 'zone-name':
        return this.namedZone();
      case 'fraction':
        return this.fraction(chunk);
    }
  }

  /** Text must be there as it is, but runs of spaces match runs of spaces, and none at the end. */
  private text(text: string): boolean {
    for (let i = 0; i < text.length; ) {
      if (text[i] === ' ') {
        if (this.rest !== '' && this.rest[0] !== ' ') return false;
        while (text[i] === ' ') i++;
        this.rest = this.rest.replace(/^ +/, '');
        continue;
      }
      if (this.rest[0] !== text[i]) return false;
      this.rest = this.rest.slice(1);
      i++;
    }
    return true;
  }

  private take(pattern: RegExp): string | null {
    const match = pattern.exec(this.rest);
    if (match === null) return null;
    this.rest = this.rest.slice(match[0].length);
    return match[0];
  }

  private number(pattern: RegExp, min: number, max: number, set: (n: number) => void): boolean {
    const digits = this.take(pattern);
    if (digits === null || Number(digits) < min || Number(digits) > max) return false;
    set(Number(digits));
    return true;
  }

  private name(names: readonly string[], set: (i: number) => void): boolean {
    const lower = this.rest.slice(0, LONGEST_NAME).toLowerCase();
    const i = names.findIndex((name) => lower.startsWith(name.toLowerCase()));
    if (i === -1) return false;
    this.rest = this.rest.slice(names[i]!.length);
    set(i);
    return true;
  }

  private seconds(isFixed: boolean, next: Chunk | undefined): boolean {
    if (!this.number(isFixed ? /^\d\d/ : /^\d\d?/, 0, 59, (n) => (this.second = n))) return false;
    // A fraction may follow the seconds even where the layout has none.
    if (next?.kind === 'fraction') return true;
    const fraction = this.take(/^[.,]\d+/);
    if (fraction !== null) this.nanos = nanosOf(fraction);
    return true;
  }

  private fraction(chunk: Extract<Chunk, { kind: 'fraction' }>): boolean {
    const fraction = this.take(chunk.trims ? /^[.,]\d+/ : new RegExp(`^[.,]\\d{${Math.min(chunk.digits, 1000)}}`));
    if (fraction !== null) this.nanos = nanosOf(fraction);
    return fraction !== null || chunk.trims;
  }

  private halfDay(kind: 'PM' | 'pm'): boolean {
    const text = this.take(kind === 'PM' ? /^[AP]M/ : /^[ap]m/);
    if (text === null) return false;
    this.half = text.toLowerCase() as 'am' | 'pm';
    return true;
  }

  private numericZone(chunk: Extract<Chunk, { kind: 'offset' }>): boolean {
    if (chunk.z && this.rest[0] === 'Z') {
      this.rest = this.rest.slice(1);
      this.utc = true;
      return true;
    }
    const text = this.take(new RegExp(`^[+-]\\d\\d${`${chunk.colon ? ':' : ''}\\d\\d`.repeat(chunk.parts - 1)}`));
    if (text === null) return false;
    const [hours = 0, minutes = 0, seconds = 0] = text.match(/\d\d/g)!.map(Number);
    if (hours > 24 || minutes > 60 || seconds > 60) return false;
    const size = hours * 3600 + minutes * 60 + seconds;
    this.offset = text[0] === '-' ? -size : size;
    return true;
  }

  private namedZone(): boolean {
    if (this.rest.startsWith('UTC')) {
      this.rest = this.rest.slice(3);
      this.utc = true;
      return true;
    }
    const length = zoneNameLength(this.rest);
    this.zoneName = this.rest.slice(0, length);
    this.rest = this.rest.slice(length);
    return length > 0;
  }

  /** The time in `zone` unless the value named another; null when the date does not exist. */
  finish(zone: Zone): Time | null {
    if (this.half === 'pm' && this.hour < 12) this.hour += 12;
    if (this.half === 'am' && this.hour === 12) this.hour = 0;
    if (!this.resolveDay()) return null;
    const { year, month, day, hour, minute, second, nanos } = this;
    const date: DateTime = { year, month, day, hour, minute, second, nanos };
    if (this.utc) return timeOfDate(date, UTC);
    if (this.offset !== null) return atOffset(timeOfDate(date, UTC), this.offset, this.zoneName, zone);
    if (this.zoneName !== '') return atZoneName(timeOfDate(date, UTC), this.zoneName, zone);
    return timeOfDate(date, zone);
  }

  private resolveDay(): boolean {
    if (this.yearDay < 0) {
      if (this.month < 0) this.month = 1;
      if (this.day < 0) this.day = 1;
    } else {
      const days = isLeapYear(this.year) ? 366 : 365;
      if (this.yearDay < 1 || this.yearDay > days) return false;
      const start = daysSinceEpoch(this.year, 1, 1);
      const date = new Time((start + this.yearDay - 1) * 86_400, 0, UTC).civil();
      if ((this.month >= 0 && this.month !== date.month) || (this.day >= 0 && this.day !== date.day)) return false;
      this.month = date.month;
      this.day = date.day;
    }
    const next = this.month === 12 ? daysSinceEpoch(this.year + 1, 1, 1) : daysSinceEpoch(this.year, this.month + 1, 1);
    return this.day >= 1 && this.day <= next - daysSinceEpoch(this.year, this.month, 1);
  }
}

function nanosOf(fraction: string): number {
  return Number(fraction.slice(1, 10).padEnd(9, '0'));
}

function zoneNameLength(text: string): number {
  if (/^(?:ChST|MeST)/.test(text)) return 4;
  if (text.startsWith('GMT')) return 3 + signedHours(text.slice(3));
  if (/^[+-]/.test(text)) return text.length < 3 ? 0 : signedHours(text);
  const letters = /^[A-Z]{0,6}/.exec(text)![0];
  if (letters.length === 5) return letters[4] === 'T' ? 5 : 0;
  if (letters.length === 4) return letters[3] === 'T' || letters === 'WITA' ? 4 : 0;
  return letters.length === 3 ? 3 : 0;
}

/** Length of `+3` or `-11`; 0 when there is none below 24. */
function signedHours(text: string): number {
  const match = /^[+-](\d+)/.exec(text);
  return match === null || Number(match[1]) > 23 ? 0 : match[0].length;
}

function atOffset(utc: Time, offset: number, name: string, zone: Zone): Time {
  const seconds = utc.seconds - offset;
  const local = zone.at(seconds);
  const isLocal = local.offset === offset && (name === '' || local.abbreviation === name);
  return new Time(seconds, utc.nanos, isLocal ? zone : fixedZone(name, offset));
}

const HALF_YEAR = 182 * 86_400;

function atZoneName(utc: Time, name: string, zone: Zone): Time {
  // The zone's own names: those in force around the time, which covers summer and winter.
  for (const around of [utc.seconds, utc.seconds - HALF_YEAR, utc.seconds + HALF_YEAR]) {
    const { offset, abbreviation } = zone.at(around);
    if (abbreviation === name) return new Time(utc.seconds - offset, utc.nanos, zone);
  }
  const hours = name.startsWith('GMT') ? Number(name.slice(3) || 0) : 0;
  return new Time(utc.seconds, utc.nanos, fixedZone(name, hours * 3600));
}
