import { runeCount } from '../fmt/spec.js';
import { checkSize } from '../limits.js';
import { type Callable, define } from './function.js';

/** Pads or cuts to `count` characters; a negative count changes nothing. */
function align(count: number, text: string, keepsLeft: boolean): string {
  const missing = count - runeCount(text);
  if (count < 0 || missing === 0) return text;
  if (missing > 0) {
    checkSize(count);
    const padding = ' '.repeat(missing);
    return keepsLeft ? text + padding : padding + text;
  }
  const runes = [...text];
  return (keepsLeft ? runes.slice(0, count) : runes.slice(runes.length - count)).join('');
}

export const ALIGN_FUNCTIONS: Readonly<Record<string, Callable>> = {
  alignLeft: define(['int', 'string'], (count, text) => align(count, text, true)),
  alignRight: define(['int', 'string'], (count, text) => align(count, text, false)),
};
