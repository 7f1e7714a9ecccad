import type { Nanos } from '../../wire/time.js';
import type { TimestampFormat } from './formats.js';

/** How to read a time that does not say everything. */
export interface TimestampContext {
  /** Minutes east of UTC for times without a zone; `local` asks this machine's zone for each of them. */
  readonly zone: number | 'local';
  /** Milliseconds since the epoch: a time without a year is the latest one that is not after this. */
  readonly nowMs: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Only so much of a line is searched: what comes later is no longer the time of the line. */
const SEARCHED_LENGTH = 256;
/** Clocks differ: a time this much ahead still belongs to this year. */
const AHEAD_MS = 86_400_000;
const LEAP_YEARS_TRIED = 8;

type Groups = Readonly<Record<string, string | undefined>>;

/** The time a line carries in the given format, or undefined when there is none or it can't be (31 February). */
export function instantOf(line: string, format: TimestampFormat, context: TimestampContext): Nanos | undefined {
  const head = line.length > SEARCHED_LENGTH ? line.slice(0, SEARCHED_LENGTH) : line;
  const groups: Groups | undefined = format.pattern.exec(head)?.groups;
  if (groups === undefined) return undefined;
  if (groups.epoch !== undefined) return epochNanos(groups.epoch, groups.fraction ?? '');
  const year = yearOf(groups.year);
  const ms = year === undefined ? latestYear(groups, context) : civilMs(groups, year, context);
  if (ms === undefined) return undefined;
  return BigInt(ms) * 1_000_000n + subsecond(groups);
}

/** 10 digits are seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds; only seconds have a fraction. */
function epochNanos(epoch: string, fraction: string): Nanos {
  const digits = epoch.length === 10 ? epoch + fraction.padEnd(9, '0') : epoch.padEnd(19, '0');
  return BigInt(digits);
}

function subsecond({ fraction, millis }: Groups): bigint {
  if (fraction !== undefined) return BigInt(fraction.padEnd(9, '0'));
  return millis === undefined ? 0n : BigInt(millis) * 1_000_000n;
}

function yearOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return text.length === 2 ? 2000 + Number(text) : Number(text);
}

/** Logs of last December are still read in January, and 29 February may be some years back. */
function latestYear(groups: Groups, context: TimestampContext): number | undefined {
  const thisYear = new Date(context.nowMs).getUTCFullYear();
  for (let year = thisYear + 1; year > thisYear - LEAP_YEARS_TRIED; year--) {
    const ms = civilMs(groups, year, context);
    if (ms !== undefined && ms <= context.nowMs + AHEAD_MS) return ms;
  }
  return undefined;
}

function civilMs(groups: Groups, year: number, context: TimestampContext): number | undefined {
  const month = /^\d/.test(groups.month!) ? Number(groups.month) - 1 : MONTHS.indexOf(groups.month!);
  const day = Number(groups.day);
  const hour = hourOf(groups);
  const minute = Number(groups.minute);
  const second = Number(groups.second);
  // 60 is a leap second; it counts as the first second of the next minute.
  if (month < 0 || month > 11 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  const utc = Date.UTC(year, month, day, hour, minute, second);
  if (new Date(Date.UTC(year, month, day)).getUTCDate() !== day) return undefined;
  if (groups.zone !== undefined) return utc - zoneMinutes(groups.zone) * 60_000;
  if (context.zone !== 'local') return utc - context.zone * 60_000;
  return new Date(year, month, day, hour, minute, second).getTime();
}

function hourOf({ hour, meridiem }: Groups): number {
  if (meridiem === undefined) return Number(hour);
  const twelve = Number(hour) % 12;
  return meridiem === 'PM' ? twelve + 12 : twelve;
}

/** Minutes east of UTC. */
function zoneMinutes(zone: string): number {
  if (!/^[+-]/.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}
