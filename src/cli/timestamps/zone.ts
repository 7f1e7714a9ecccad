import { UsageError } from '../command-error.js';

/** Reads `--timezone`: `local`, `UTC`, or an offset such as +02:00. */
export function parseZone(text: string): number | 'local' {
  if (text.toLowerCase() === 'local') return 'local';
  if (text.toUpperCase() === 'UTC') return 0;
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(text);
  if (match === null) throw new UsageError(`--timezone ${text}: must be local, UTC or an offset such as +02:00`);
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
