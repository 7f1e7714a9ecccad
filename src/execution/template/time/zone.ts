/** A place's clock at one moment. */
export interface ZoneOffset {
  /** Seconds east of UTC. */
  readonly offset: number;
  /** `CET`; '' when the zone has no name for it. */
  readonly abbreviation: string;
}

/** A time zone, as Go's *time.Location. */
export class Zone {
  readonly type = '*time.Location';
  readonly name: string;
  private readonly find: (seconds: number) => ZoneOffset;

  constructor(name: string, find: (seconds: number) => ZoneOffset) {
    this.name = name;
    this.find = find;
  }

  /** The offset in force at `seconds` since the epoch. */
  at(seconds: number): ZoneOffset {
    return this.find(seconds);
  }
}

const UTC_OFFSET: ZoneOffset = { offset: 0, abbreviation: 'UTC' };

export const UTC = new Zone('UTC', () => UTC_OFFSET);
/** The server's own zone is always UTC here, so that answers do not depend on the machine. */
export const LOCAL = new Zone('Local', () => UTC_OFFSET);

export function fixedZone(abbreviation: string, offset: number): Zone {
  const fixed = { offset, abbreviation };
  return new Zone(abbreviation, () => fixed);
}

const CACHED_ZONES_MAX = 64;
const zones = new Map<string, Zone>();

/** time.LoadLocation; undefined where Go reports an error. */
export function loadZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return UTC;
  if (name === 'Local') return LOCAL;
  const cached = zones.get(name);
  if (cached !== undefined) return cached;
  // Engines also take offsets such as `+05:00` for names; Go does not.
  if (!/^[A-Za-z][\w+\-/]*$/.test(name)) return undefined;
  try {
    const zone = namedZone(name);
    if (zones.size >= CACHED_ZONES_MAX) zones.clear();
    zones.set(name, zone);
    return zone;
  } catch {
    return undefined; // a RangeError: unknown zone
  }
}

/** Where the tz database has a name (or a number) and CLDR something else, for zones with one offset all year. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  'Asia/Dubai': '+04',
  'Asia/Hong_Kong': 'HKT',
  'Asia/Jakarta': 'WIB',
  'Asia/Karachi': 'PKT',
  'Asia/Manila': 'PST',
  'Asia/Seoul': 'KST',
  'Asia/Shanghai': 'CST',
  'Europe/Moscow': 'MSK',
};
/** CLDR abbreviates a zone only in locales that use it. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'ja-JP'];
/** Intl knows proleptic years, but not year zero; nothing changes that early. */
const SECONDS_MIN = -62_135_596_800 + 2 * 86_400;
const SECONDS_MAX = 8.64e12 - 2 * 86_400;

function namedZone(name: string): Zone {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  let last = { seconds: Number.NaN, result: UTC_OFFSET };
  return new Zone(name, (seconds) => {
    if (last.seconds === seconds) return last.result;
    const clamped = Math.min(Math.max(seconds, SECONDS_MIN), SECONDS_MAX);
    const offset = offsetAt(clock, clamped);
    last = { seconds, result: { offset, abbreviation: abbreviationAt(name, clamped, offset) } };
    return last.result;
  });
}

function offsetAt(clock: Intl.DateTimeFormat, seconds: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(seconds * 1000)) parts[type] = Number(value);
  const wall = new Date(0);
  wall.setUTCFullYear(parts.year!, parts.month! - 1, parts.day!);
  wall.setUTCHours(parts.hour!, parts.minute!, parts.second!);
  return wall.getTime() / 1000 - Math.floor(seconds);
}

const namers = new Map<string, Intl.DateTimeFormat>();

function abbreviationAt(name: string, seconds: number, offset: number): string {
  const fixed = ABBREVIATIONS[name];
  if (fixed !== undefined) return fixed;
  for (const locale of LOCALES) {
    const key = `${locale} ${name}`;
    const namer = namers.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: 'short' });
    if (namers.size > CACHED_ZONES_MAX * LOCALES.length) namers.clear();
    namers.set(key, namer);
    const text = namer.formatToParts(seconds * 1000).find((part) => part.type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]+$/.test(text)) return text;
  }
  return numeric(offset);
}

/** Where there is no name the tz database uses the offset: `+0530`, `-03`. */
function numeric(offset: number): string {
  const minutes = Math.trunc(Math.abs(offset) / 60);
  const hours = String(Math.trunc(minutes / 60)).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${hours}${rest}`;
}
