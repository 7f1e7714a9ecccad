import { isGoPrintable } from '../../../wire/go-quote.js';
import { sprint, sprintln } from '../fmt/print.js';
import { sprintf } from '../fmt/printf.js';
import { isTrue, type Value } from '../value.js';
import { queryEscape } from './encoding.js';
import { type Callable, define, defineVariadic } from './function.js';

const HTML: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

function html(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML[char]!);
}

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

function js(text: string): string {
  return text.replace(/[\\'"<>&=\x00-\x1f]|[^\x00-\x7f]/gu, (rune) => JS[rune] ?? escapedRune(rune));
}

function escapedRune(rune: string): string {
  if (rune >= ' ' && isGoPrintable(rune)) return rune;
  const code = rune.codePointAt(0)!;
  const isStray = code >= 0xd800 && code <= 0xdfff;
  return `\\u${(isStray ? 0xfffd : code).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The escapers print their arguments first; what a pipeline would print as `<no value>` they do too. */
function escaper(escapeText: (text: string) => string): Callable {
  return defineVariadic([], 'interface {}', (...args) => escapeText(sprint(args.map((arg) => arg ?? '<no value>'))));
}

/** Go's own functions that make text, and `not`. */
export const ESCAPE_FUNCTIONS: Readonly<Record<string, Callable>> = {
  html: escaper(html),
  js: escaper(js),
  urlquery: escaper(queryEscape),
  print: defineVariadic([], 'interface {}', (...args) => sprint(args)),
  println: defineVariadic([], 'interface {}', (...args) => sprintln(args)),
  printf: defineVariadic(['string'], 'interface {}', (format: string, ...args: Value[]) => sprintf(format, args)),
  not: define(['reflect.Value'], (value) => !isTrue(value)),
};
