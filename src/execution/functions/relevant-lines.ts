import { AnyOfMatcher } from '../kernels/combine.js';
import type { LineMatcher } from '../kernels/line-matcher.js';
import { ByteFinder, SubstringMatcher } from '../kernels/substring-matcher.js';

/** Shorter texts are in too many lines, and more of them take too long to look for. */
const TEXT_BYTES_MIN = 3;
const TEXTS_MAX = 4;

/**
 * Finds the lines that `json` or `logfmt` may find any of the labels in. A label's name is made of keys, joined by `_` and with
 * `_` for what names do not have, so what lies between these is in the line as it is, or in one with an escape. Undefined
 * where that says too little.
 */
export function relevantLines(labels: readonly string[]): LineMatcher | undefined {
  const texts = [...new Set(labels.map(longestPart))];
  if (texts.length === 0 || texts.length > TEXTS_MAX || texts.some(({ length }) => length < TEXT_BYTES_MIN))
    return undefined;
  return new AnyOfMatcher([...texts, '\\'].map((text) => new SubstringMatcher(new ByteFinder(Buffer.from(text)))));
}

/** A label that was moved aside is in the line under the name it had, and one that is called so has that in its name. */
function longestPart(label: string): string {
  const parts = label.replace(/_extracted$/, '').match(/[a-zA-Z0-9]+/g) ?? [''];
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest));
}
