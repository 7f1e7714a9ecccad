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
  if (typeof value === 'number') return Number.isFinite(value) ? floatText(value) : notFinite(value);
  if (value instanceof Uint8Array) return base64(value);
  if (typeof value === 'object') return holdsNoJson(value) ? '' : goJson(value);
  return String(value);
}

/** JSON has no such numbers, which Go says where it should have written one. */
function notFinite(value: number): string {
  return `json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`;
}

/** Whether there is a number inside for which Go's encoding/json gives up. */
function holdsNoJson(value: OtlpValue): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (Array.isArray(value)) return (value as readonly OtlpValue[]).some(holdsNoJson);
  return isMap(value) && [...value.entries.values()].some(holdsNoJson);
}

/** Go's encoding/json of it without escapes for HTML: compact, keys sorted. */
function goJson(value: OtlpValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return jsonText(value);
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return jsonText(base64(value));
  if (isMap(value)) {
    const sorted = [...value.entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${sorted.map(([key, inner]) => `${jsonText(key)}:${goJson(inner)}`).join(',')}}`;
  }
  return `[${value.map(goJson).join(',')}]`;
}

/** The two line ends that JavaScript sees in a text are escaped by Go at all times. */
function jsonText(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (end) => (end === '\u2028' ? '\\u2028' : '\\u2029'));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Go's encoding/json and JavaScript write finite numbers alike: plain from 1e-6 to 1e21, else with an exponent. */
function floatText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
