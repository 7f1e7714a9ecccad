/** Go's own functions. */
const BUILTINS = [
  ['and', 'call', 'html', 'index', 'slice', 'js', 'len', 'not', 'or', 'print', 'printf', 'println', 'urlquery'],
  ['eq', 'ge', 'gt', 'le', 'lt', 'ne'],
];

/** What Loki adds: its own, then those it takes from sprig. */
const LOKI = [
  ['__line__', '__timestamp__'],
  ['ToLower', 'ToUpper', 'Replace', 'Trim', 'TrimLeft', 'TrimRight', 'TrimPrefix', 'TrimSuffix', 'TrimSpace'],
  ['regexReplaceAll', 'regexReplaceAllLiteral', 'count', 'urldecode', 'urlencode', 'alignLeft', 'alignRight'],
  ['bytes', 'duration', 'duration_seconds', 'unixEpochMillis', 'unixEpochNanos', 'toDateInZone', 'unixToTime'],
  ['b64enc', 'b64dec', 'lower', 'upper', 'title', 'trunc', 'substr', 'contains', 'hasPrefix', 'hasSuffix'],
  ['indent', 'nindent', 'replace', 'repeat', 'trim', 'trimAll', 'trimSuffix', 'trimPrefix'],
  ['int', 'float64', 'add', 'sub', 'mul', 'div', 'mod', 'addf', 'subf', 'mulf', 'divf'],
  ['max', 'min', 'maxf', 'minf', 'ceil', 'floor', 'round'],
  ['fromJson', 'date', 'toDate', 'now', 'unixEpoch', 'default'],
];

/** Every function a template may name; naming another is a parse error. */
export const TEMPLATE_FUNCTIONS: ReadonlySet<string> = new Set([...BUILTINS, ...LOKI].flat());
