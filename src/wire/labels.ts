/** A stream's label set: pairs sorted by name (byte order), no empty values, no duplicate names. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** Sorts by name, drops empty values; the last of equal names wins. */
export function labelsOf(pairs: Record<string, string> | Iterable<readonly [string, string]>): Labels {
  const map = new Map<string, string>(Symbol.iterator in pairs ? pairs : Object.entries(pairs));
  const kept = [...map].filter(([, value]) => value !== '');
  return kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

export function labelValue(labels: Labels, name: string): string {
  for (const [n, v] of labels) if (n === name) return v;
  return '';
}

/** Canonical text, as Loki prints it: `{app="x", env="prod"}`. Values are quoted like Go's strconv.Quote. */
export function formatLabels(labels: Labels): string {
  return `{${labels.map(([n, v]) => `${n}=${quoteGo(v)}`).join(', ')}}`;
}

/** Go's strconv.Quote for the characters that matter to clients: escapes `"`, `\\` and control characters. */
export function quoteGo(text: string): string {
  return NEEDS_ESCAPE.test(text) ? quoteEscaped(text) : `"${text}"`;
}

const NEEDS_ESCAPE = /["\\\x00-\x1f\x7f]/;

function quoteEscaped(text: string): string {
  let out = '"';
  for (const ch of text) {
    const code = ch.codePointAt(0)!;
    if (ch === '"') out += '\\"';
    else if (ch === '\\') out += '\\\\';
    else if (code >= 0x20 && code !== 0x7f) out += ch;
    else out += CONTROL_ESCAPES[code] ?? `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return `${out}"`;
}

const CONTROL_ESCAPES: Record<number, string> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};
