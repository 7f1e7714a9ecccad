import { parseGoFloat } from './go-number.js';

const DECIMAL_UNITS = ['k', 'm', 'g', 't', 'p', 'e'];
const MAX_UINT64 = 2 ** 64;

/** Bytes per unit, lower case: `k` and `kb` are 1000, `ki` and `kib` are 1024, nothing and `b` are 1. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...DECIMAL_UNITS.flatMap((unit, i): [string, number][] => [
    [unit, 1000 ** (i + 1)],
    [`${unit}b`, 1000 ** (i + 1)],
    [`${unit}i`, 1024 ** (i + 1)],
    [`${unit}ib`, 1024 ** (i + 1)],
  ]),
]);

/**
 * A size as dustin/go-humanize reads it: `5KB`, `1.5 MiB`, `1,024`, `10`, units in any case. Returns whole bytes
 * (a fraction of a byte is cut off). Throws an Error with Go's text: `unhandled size name: xb`, `too large: 99EB`, or
 * strconv.ParseFloat's.
 */
export function parseBytes(text: string): number {
  let end = 0;
  while (end < text.length && isSizeDigit(text.charCodeAt(end))) end++;
  const value = parseGoFloat(text.slice(0, end).replaceAll(',', ''));
  const name = text.slice(end).trim().toLowerCase();
  const unit = UNITS.get(name);
  if (unit === undefined) throw new Error(`unhandled size name: ${name}`);
  const bytes = value * unit;
  if (bytes >= MAX_UINT64) throw new Error(`too large: ${text}`);
  return Math.trunc(bytes);
}

/** Digits, `.` and the thousands separator `,`. */
function isSizeDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2e || code === 0x2c;
}

const IEC_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** A size as go-humanize's IBytes prints it: `5 B`, `4.9 KiB`, `150 GiB`. */
export function formatIBytes(bytes: number): string {
  return humanSize(bytes, 1024, IEC_UNITS);
}

const SI_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** A size as go-humanize's Bytes prints it, in powers of 1000: `5 B`, `2.5 MB`, `10 kB`. */
export function formatBytes(bytes: number): string {
  return humanSize(bytes, 1000, SI_UNITS);
}

function humanSize(bytes: number, base: number, units: readonly string[]): string {
  if (bytes < 10) return `${bytes} B`;
  const unit = Math.min(Math.floor(Math.log(bytes) / Math.log(base)), units.length - 1);
  const value = Math.floor((bytes / base ** unit) * 10 + 0.5) / 10;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

const SIZE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** A size as Loki's configuration has it, in the largest unit (of 1024) that leaves a whole number: `256KB`, `1500B`. */
export function formatByteSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size > 0 && size % 1024 === 0 && unit < SIZE_UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size}${SIZE_UNITS[unit]}`;
}
