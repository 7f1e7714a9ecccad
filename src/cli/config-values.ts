/** Kinds of settings: how a value is written in YAML, an environment variable or on the command line, and what it means. */
import { z } from 'zod';
import { formatByteSize } from '../wire/bytesize.js';
import { formatPrometheusDuration, parsePrometheusDuration } from '../wire/duration.js';

/** One leaf of the settings tree. */
export interface Setting<T> {
  readonly isSetting: true;
  /** As a user would write it. */
  readonly initial: unknown;
  /** What may be written, for error messages: `a size such as 256KB`. */
  readonly allowed: string;
  /** Must not be shown to anybody. */
  readonly isSecret: boolean;
  /** Text in an environment variable or flag is taken as it is; other kinds are YAML there too. */
  readonly verbatim: boolean;
  readonly schema: z.ZodType<T>;
  /** A value the way a user would write it. */
  print(value: T): unknown;
}

export function setting<T>(
  initial: unknown,
  allowed: string,
  schema: z.ZodType<T>,
  { verbatim = false, isSecret = false, print = (value: T): unknown => value } = {},
): Setting<T> {
  return { isSetting: true, initial, allowed, isSecret, verbatim, schema, print };
}

function parsed<T>(read: (value: unknown) => T | undefined): z.ZodType<T> {
  return z.unknown().transform((value, context) => {
    const result = read(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: 'not allowed' });
    return z.NEVER;
  });
}

export function flag(initial: boolean): Setting<boolean> {
  return setting(initial, 'true or false', z.boolean());
}

export function integer(initial: number, min: number, max: number): Setting<number> {
  return setting(initial, `a whole number from ${min} to ${max}`, z.number().int().min(min).max(max));
}

export function decimal(initial: number): Setting<number> {
  return setting(initial, 'a number that is not negative', z.number().nonnegative());
}

/** Any text; YAML may have taken it for a number. */
export function text(initial: string, allowed = 'text'): Setting<string> {
  const schema = parsed((value) => {
    if (value === null) return '';
    return typeof value === 'object' || value === undefined ? undefined : String(value);
  });
  return setting(initial, allowed, schema, { verbatim: true });
}

/** What files and subjects can be named after. */
export function name(initial: string): Setting<string> {
  const schema = z.string().regex(/^[\w.-]{0,64}$/);
  return setting(initial, 'up to 64 letters, digits, dots, dashes and underscores', schema, { verbatim: true });
}

/** Text that is only ever shown as `********`. */
export function secret(): Setting<string> {
  return { ...text('', 'text'), isSecret: true };
}

export function oneOf<const T extends string>(initial: NoInfer<T>, values: readonly T[]): Setting<T> {
  return setting(initial, values.join(', ').replace(/, ([^,]+)$/, ' or $1'), z.enum(values));
}

export function names(initial: readonly string[]): Setting<readonly string[]> {
  return setting(initial, 'a list of names such as [app, job]', z.array(z.string()));
}

/** Milliseconds. */
export function duration(initial: string): Setting<number> {
  const allowed = 'a duration such as 30s, 10m or 7d (units ms s m h d w y), or 0';
  const schema = parsed((value) => {
    try {
      return parsePrometheusDuration(String(value)) / 1e6;
    } catch {
      return undefined;
    }
  });
  return setting(initial, allowed, schema, { print: (ms) => formatPrometheusDuration(ms * 1e6) });
}

/** Milliseconds; what is below 0 is -1. */
export function durationOrAll(initial: string): Setting<number> {
  const positive = duration(initial);
  const schema = parsed((value) => {
    if (String(value).trim().startsWith('-')) return -1;
    return positive.schema.safeParse(value).data;
  });
  const print = (ms: number): unknown => (ms < 0 ? '-1s' : positive.print(ms));
  return setting(initial, `${positive.allowed}, or -1 for all`, schema, { print });
}

/** Nanoseconds since the epoch, or null for no time at all. */
export function optionalTime(): Setting<bigint | null> {
  const schema = parsed((value) => {
    if (value === null || value === '') return null;
    const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n;
  });
  return setting<bigint | null>('', 'a time such as 2026-11-01T00:00:00Z, or nothing', schema, {
    print: (ns) => (ns === null ? '' : new Date(Number(ns / 1_000_000n)).toISOString()),
  });
}

const SIZE = /^(\d+(?:\.\d+)?)\s*(|[kmgt]i?)b?$/i;
const SIZE_POWERS = ['', 'k', 'm', 'g', 't'];

/** Bytes. As in Loki's configuration all units are powers of 1024: 256KB is 262144. */
export function size(initial: string): Setting<number> {
  const schema = parsed((value) => {
    const match = SIZE.exec(String(value).trim());
    if (match === null) return undefined;
    return Math.floor(Number(match[1]) * 1024 ** SIZE_POWERS.indexOf(match[2]!.charAt(0).toLowerCase()));
  });
  return setting(initial, 'a size such as 256KB, 100MB or 1GB, or a number of bytes', schema, {
    print: formatByteSize,
  });
}
