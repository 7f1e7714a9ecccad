import { checkSize } from '../limits.js';
import { unbox, type Value } from '../value.js';
import { formatPlain } from './value.js';

/** fmt.Sprint: a space between operands when neither is a string. */
export function sprint(args: readonly Value[]): string {
  let out = '';
  let wasText = true;
  args.forEach((arg, i) => {
    const value = unbox(arg);
    const isText = typeof value === 'string';
    out += (i > 0 && !isText && !wasText ? ' ' : '') + formatPlain(value);
    checkSize(out.length);
    wasText = isText;
  });
  return out;
}

/** fmt.Sprintln. */
export function sprintln(args: readonly Value[]): string {
  let out = '';
  args.forEach((arg, i) => {
    out += (i > 0 ? ' ' : '') + formatPlain(arg);
    checkSize(out.length);
  });
  return `${out}\n`;
}
