import { getOrCreate } from '../../wire/get-or-create.js';
import { parseGoFloat } from '../../wire/go-number.js';
import type { Labels } from '../../wire/labels.js';
import type { DetectedLabel } from '../../wire/query.js';

/** Worth showing whatever their values are. */
const ALWAYS: ReadonlySet<string> = new Set(['cluster', 'namespace', 'instance', 'pod']);

/** Labels of streams that tell people something, by name (C37): not those of which every value is a number or a UUID. */
export function detectLabels(streams: readonly { readonly labels: Labels }[]): DetectedLabel[] {
  const values = new Map<string, Set<string>>();
  for (const { labels } of streams) {
    for (const [name, value] of labels) getOrCreate(values, name, () => new Set<string>()).add(value);
  }
  return [...values]
    .filter(([name, distinct]) => ALWAYS.has(name) || isFlag(distinct) || ![...distinct].every(isId))
    .map(([label, distinct]) => ({ label, cardinality: distinct.size }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}

/** 0 and 1 say no and yes. */
function isFlag(values: ReadonlySet<string>): boolean {
  return [...values].every((value) => value === '0' || value === '1');
}

/** The forms that google/uuid reads: plain, `urn:uuid:…`, in braces, and without hyphens. */
const UUID = /^(?:urn:uuid:)?[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const OTHER_UUID = /^(?:\{[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\}|[\da-f]{32})$/i;

function isId(value: string): boolean {
  return UUID.test(value) || OTHER_UUID.test(value) || isNumber(value);
}

function isNumber(value: string): boolean {
  try {
    parseGoFloat(value);
    return true;
  } catch {
    return false;
  }
}
