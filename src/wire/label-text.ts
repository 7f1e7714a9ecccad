import { unquoteGo } from './go-quote.js';
import { type Labels, labelsOf } from './labels.js';

/** One `name="value"` and the comma after it, if any. */
const PAIR = /([^=",{}\s]+)="([^"\\]*(?:\\.[^"\\]*)*)"(?:, |$)/y;

/** Reads canonical label text back (see `formatLabels`): `{app="x", env="prod"}`. Null for any other text. */
export function parseLabelText(text: string): Labels | null {
  if (!text.startsWith('{') || !text.endsWith('}')) return null;
  const body = text.slice(1, -1);
  const pairs: [string, string][] = [];
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < body.length) {
    const at = PAIR.lastIndex;
    const found = PAIR.exec(body);
    const value = found ? unquoteGo(`"${found[2]!}"`) : null;
    if (!found || value === null || at === found.index + found[0].length) return null;
    pairs.push([found[1]!, value]);
  }
  return body.endsWith(', ') ? null : labelsOf(pairs);
}
