import { unreachable } from '../../../wire/exhaustive.js';
import { type Chunk, layoutChunks, MONTHS, WEEKDAYS } from './layout.js';
import type { Civil, Time } from './time.js';

/** time.Time.Format. */
export function formatTime(time: Time, layout: string): string {
  const civil = time.civil();
  let out = '';
  for (const chunk of layoutChunks(layout)) out += formatChunk(chunk, civil, time.nanos);
  return out;
}

/** time.Time.String. */
export function timeString(time: Time): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST');
}

function pad(value: number, width: number, fill = '0'): string {
  return value < 0 ? `-${String(-value).padStart(width, fill)}` : String(value).padStart(width, fill);
}

function formatChunk(chunk: Chunk, civil: Civil, nanos: number): string {
  switch (chunk.kind) {
    case 'text':
      return chunk.text;
    case 'year4':
      return pad(civil.year, 4);
    case 'year2':
      return pad(Math.max(civil.year, 0) % 100, 2);
    case 'month-name':
      return MONTHS[civil.month - 1]!;
    case 'month-short':
      return MONTHS[civil.month - 1]!.slice(0, 3);
    case 'month':
      return String(civil.month);
    case 'month2':
      return pad(civil.month, 2);
    case 'weekday-name':
      return WEEKDAYS[civil.weekday]!;
    case 'weekday-short':
      return WEEKDAYS[civil.weekday]!.slice(0, 3);
    case 'day':
      return String(civil.day);
    case 'day_':
      return pad(civil.day, 2, ' ');
    case 'day2':
      return pad(civil.day, 2);
    case 'year-day_':
      return pad(civil.yearDay, 3, ' ');
    case 'year-day3':
      return pad(civil.yearDay, 3);
    case 'hour2':
      return pad(civil.hour, 2);
    case 'hour12':
      return String(civil.hour % 12 || 12);
    case 'hour12-2':
      return pad(civil.hour % 12 || 12, 2);
    case 'minute':
      return String(civil.minute);
    case 'minute2':
      return pad(civil.minute, 2);
    case 'second':
      return String(civil.second);
    case 'second2':
      return pad(civil.second, 2);
    case 'PM':
      return civil.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return civil.hour >= 12 ? 'pm' : 'am';
    case 'zone-name':
      return civil.abbreviation === '' ? formatOffset(civil.offset, false, 2) : civil.abbreviation;
    case 'offset':
      return chunk.z && civil.offset === 0 ? 'Z' : formatOffset(civil.offset, chunk.colon, chunk.parts);
    case 'fraction':
      return formatFraction(chunk, nanos);
    default:
      return unreachable(chunk);
  }
}

function formatOffset(offset: number, colon: boolean, parts: number): string {
  // The sign is that of the minutes: seconds alone do not make it negative.
  const sign = Math.trunc(offset / 60) < 0 ? '-' : '+';
  const size = Math.abs(offset);
  const fields = [Math.trunc(size / 3600), Math.trunc(size / 60) % 60, size % 60].slice(0, parts);
  return sign + fields.map((field) => pad(field, 2)).join(colon ? ':' : '');
}

function formatFraction(chunk: Extract<Chunk, { kind: 'fraction' }>, nanos: number): string {
  const digits = pad(nanos, 9).slice(0, chunk.digits);
  const kept = chunk.trims ? digits.replace(/0+$/, '') : digits;
  return kept === '' ? '' : chunk.separator + kept;
}
