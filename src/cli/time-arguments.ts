/** Times and spans as people give them on a command line. */
import { parseRfc3339 } from '../api/rfc3339.js';
import { parsePrometheusDuration } from '../wire/duration.js';
import { type Nanos, NS_PER_MS } from '../wire/time.js';
import { UsageError } from './command-error.js';

const DAY_AND_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d?):(\d\d)(?::(\d\d))?)?$/;
const NAMED_DAY = /^(today|yesterday)(?: (\d\d?):(\d\d))?$/;
const DEFAULT_SINCE = '1h';

export const SPAN_OPTIONS = {
  since: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
} as const;

export const SPAN_USAGE = `  --since 1h          how far back from --to (default 1h)
  --from TIME         start: 2026-11-01T00:00:00Z, "2026-11-01 14:00" (local), "yesterday 14:00", 2h (ago), epoch
  --to TIME           end, default now`;

export interface Span {
  readonly start: Nanos;
  readonly end: Nanos;
}

/** The span of --since, --from and --to. */
export function spanOf(values: { since?: string; from?: string; to?: string }, nowMs: number): Span {
  const end = values.to === undefined ? BigInt(nowMs) * NS_PER_MS : timeArgument('to', values.to, nowMs);
  const start =
    values.from === undefined
      ? end - BigInt(durationArgument('since', values.since ?? DEFAULT_SINCE))
      : timeArgument('from', values.from, nowMs);
  if (start > end) throw new UsageError('--from is later than --to');
  return { start, end };
}

/** Nanoseconds. */
export function durationArgument(flag: string, text: string): number {
  try {
    return parsePrometheusDuration(text);
  } catch {
    throw new UsageError(`--${flag} ${text}: must be a duration such as 30m, 6h or 7d`);
  }
}

export function timeArgument(flag: string, text: string, nowMs: number): Nanos {
  const ms = civilMs(text, nowMs);
  if (ms !== undefined) return BigInt(ms) * NS_PER_MS;
  if (/^\d{10}$|^\d{13}$|^\d{16}$|^\d{19}$/.test(text)) return BigInt(text.padEnd(19, '0'));
  const time = parseRfc3339(text);
  if (time !== undefined) return time;
  try {
    return BigInt(nowMs) * NS_PER_MS - BigInt(parsePrometheusDuration(text));
  } catch {
    throw new UsageError(
      `--${flag} ${text}: must be a time such as 2026-11-01T00:00:00Z, "2026-11-01 14:00", "yesterday 14:00", ` +
        'an epoch in seconds, or a duration ago such as 2h',
    );
  }
}

/** In the local time zone: `now`, `today 14:00`, `2026-11-01`, `2026-11-01 14:00:00`. */
function civilMs(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs;
  const named = NAMED_DAY.exec(text);
  if (named !== null) {
    const now = new Date(nowMs);
    const day = now.getDate() - (named[1] === 'yesterday' ? 1 : 0);
    return new Date(now.getFullYear(), now.getMonth(), day, Number(named[2] ?? 0), Number(named[3] ?? 0)).getTime();
  }
  const match = DAY_AND_TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0] = match.map(Number);
  return new Date(year!, month! - 1, day!, hour || 0, minute || 0, second || 0).getTime();
}
