import { parseBytes } from '../../wire/bytesize.js';
import { parseGoDuration } from '../../wire/duration.js';
import { parseGoFloat } from '../../wire/go-number.js';

/** A label value as a number (`strconv.ParseFloat`). Throws an Error with Go's text. */
export function convertNumber(text: string): number {
  return parseGoFloat(text);
}

/** A label value as nanoseconds (`time.ParseDuration`: no days or longer). Throws an Error with Go's text. */
export function convertDuration(text: string): number {
  return parseGoDuration(text);
}

/** A label value as bytes (`humanize.ParseBytes`). Throws an Error with Go's text. */
export function convertBytes(text: string): number {
  return parseBytes(text);
}
