/** OpenTelemetry attribute values, and their text as its collector writes it. */

export type OtlpValue = null | string | boolean | bigint | number | Uint8Array | readonly OtlpValue[] | OtlpMap;

/** A map; of equal keys the last one counts. */
export interface OtlpMap {
  readonly entries: ReadonlyMap<string, OtlpValue>;
}

export function isMap(value: OtlpValue): value is OtlpMap {
  return typeof value === 'object' && value !== null && 'entries' in value && value.entries instanceof Map;
}

/** pdata's AsString: scalars as they read, bytes in base64, lists and maps as JSON. */
export function asString(value: OtlpValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return floatText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'object') return goJson(value);
  return String(value);
}

/** Go's encoding/json of it: sorted keys, and `<`, `>`, `&` escaped. */
function goJson(value: OtlpValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return jsonText(value);
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return jsonText(Buffer.from(value).toString('base64'));
  if (isMap(value)) {
    const sorted = [...value.entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${sorted.map(([key, inner]) => `${jsonText(key)}:${goJson(inner)}`).join(',')}}`;
  }
  return `[${value.map(goJson).join(',')}]`;
}

function jsonText(text: string): string {
  return JSON.stringify(text).replace(HTML, (character) => {
    return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
  });
}

const HTML = /[<>&\u2028\u2029]/g;

/** Go's encoding/json and JavaScript write finite numbers alike: plain from 1e-6 to 1e21, else with an exponent. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}
