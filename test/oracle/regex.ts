/** Regular expressions as Go's: a port of RE2, not the product's own engine. */
import { RE2JS } from 're2js';

const compiled = new Map<string, RE2JS>();

export function regex(pattern: string): RE2JS {
  let found = compiled.get(pattern);
  if (found === undefined) {
    found = RE2JS.compile(pattern);
    compiled.set(pattern, found);
  }
  return found;
}

export function contains(pattern: string, text: string): boolean {
  return regex(pattern).matcher(text).find();
}
