/** Time windows: a table of contents and every object belong to one. */
import type { Nanos, TimeRange } from '../../wire/time.js';

/** 12 hours, so that windows start at 00:00 and 12:00 UTC. */
export const WINDOW_NS: Nanos = 43_200_000_000_000n;

/** The start of the window that a time is in. */
export function windowOf(time: Nanos): Nanos {
  const past = time % WINDOW_NS;
  return time - (past < 0n ? past + WINDOW_NS : past);
}

/** `2026-11-01T12Z`: names sort as their times do. */
export function windowName(window: Nanos): string {
  return `${new Date(Number(window / 1_000_000n)).toISOString().slice(0, 13)}Z`;
}

/** The inverse of `windowName`; undefined for any other text. */
export function parseWindowName(name: string): Nanos | undefined {
  if (!/^\d{4}-\d\d-\d\dT(00|12)Z$/.test(name)) return undefined;
  const ms = Date.parse(`${name.slice(0, -1)}:00:00Z`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n;
}

export function overlaps(range: TimeRange, minTime: Nanos, maxTime: Nanos): boolean {
  return maxTime >= range.start && minTime < range.end;
}

export function earlier(a: Nanos, b: Nanos): Nanos {
  if (b < a) return b;
  return a;
}

export function later(a: Nanos, b: Nanos): Nanos {
  if (b > a) return b;
  return a;
}
