/** One piece of a Go reference layout (`2006-01-02T15:04:05.000Z07:00`). */
export type Chunk =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: Field }
  /** `.000` has a fixed number of digits, `.999` drops trailing zeros. */
  | { readonly kind: 'fraction'; readonly digits: number; readonly trims: boolean; readonly separator: string }
  /** `-07:00`; `parts` counts hours, minutes, seconds; with `z`, UTC is `Z`. */
  | { readonly kind: 'offset'; readonly z: boolean; readonly colon: boolean; readonly parts: number };

type Field =
  | 'month-name'
  | 'month-short'
  | 'month'
  | 'month2'
  | 'weekday-name'
  | 'weekday-short'
  | 'day'
  | 'day_'
  | 'day2'
  | 'year-day_'
  | 'year-day3'
  | 'hour2'
  | 'hour12'
  | 'hour12-2'
  | 'minute'
  | 'minute2'
  | 'second'
  | 'second2'
  | 'year4'
  | 'year2'
  | 'PM'
  | 'pm'
  | 'zone-name';

const FIELDS: Readonly<Record<string, Field>> = {
  January: 'month-name',
  Jan: 'month-short',
  '1': 'month',
  '01': 'month2',
  Monday: 'weekday-name',
  Mon: 'weekday-short',
  '2': 'day',
  _2: 'day_',
  '02': 'day2',
  __2: 'year-day_',
  '002': 'year-day3',
  '15': 'hour2',
  '3': 'hour12',
  '03': 'hour12-2',
  '4': 'minute',
  '04': 'minute2',
  '5': 'second',
  '05': 'second2',
  '2006': 'year4',
  '06': 'year2',
  PM: 'PM',
  pm: 'pm',
  MST: 'zone-name',
};

/** The reference elements; alternatives in the order in which Go tries them at one place. */
const ELEMENT = new RegExp(
  [
    'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm',
    '[-Z]070000|[-Z]07:00:00|[-Z]0700|[-Z]07:00|[-Z]07',
    '[.,](?:0+|9+)(?!\\d)',
  ].join('|'),
  'g',
);

const CACHED_LAYOUTS_MAX = 256;
const layouts = new Map<string, readonly Chunk[]>();

/** Cuts a layout into chunks; layouts may come from data, so the cache is bounded. */
export function layoutChunks(layout: string): readonly Chunk[] {
  const cached = layouts.get(layout);
  if (cached !== undefined) return cached;
  const chunks: Chunk[] = [];
  let end = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    if (match.index > end) chunks.push({ kind: 'text', text: layout.slice(end, match.index) });
    chunks.push(element(match[0]));
    end = match.index + match[0].length;
  }
  if (end < layout.length) chunks.push({ kind: 'text', text: layout.slice(end) });
  if (layouts.size >= CACHED_LAYOUTS_MAX) layouts.clear();
  layouts.set(layout, chunks);
  return chunks;
}

function element(text: string): Chunk {
  const field = FIELDS[text];
  if (field !== undefined) return { kind: field };
  const first = text[0]!;
  if (first === '.' || first === ',') {
    return { kind: 'fraction', digits: text.length - 1, trims: text[1] === '9', separator: first };
  }
  const colon = text.includes(':');
  return { kind: 'offset', z: first === 'Z', colon, parts: text.replaceAll(':', '').slice(1).length / 2 };
}

export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export const WEEKDAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];
