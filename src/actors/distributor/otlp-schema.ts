/** The messages of opentelemetry-proto's logs/v1 request, as far as they are read: what their JSON is to become. */

/** `hex` and `base64` are bytes in those spellings. */
export type Scalar =
  | 'string'
  | 'bool'
  | 'int64'
  | 'uint32'
  | 'fixed64'
  | 'fixed32'
  | 'double'
  | 'severity'
  | 'hex'
  | 'base64';

export interface Field {
  readonly number: number;
  /** Spellings in JSON: camelCase and, where it differs, snake_case. */
  readonly names: readonly Uint8Array[];
  readonly kind: Scalar | Message;
  readonly repeated: boolean;
}

export interface Message {
  readonly fields: Field[];
}

type Kind = Scalar | Message | readonly [Message];

/** Fields by their names in the .proto files; a list of a kind is a repeated field. */
function define(message: Message, fields: Readonly<Record<string, readonly [number, Kind]>>): void {
  for (const [snake, [number, kind]] of Object.entries(fields)) {
    const camel = snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const names = [...new Set([camel, snake])].map((name) => Buffer.from(name));
    const repeated = Array.isArray(kind);
    message.fields.push({
      number,
      names,
      kind: repeated ? (kind as readonly [Message])[0] : (kind as Scalar),
      repeated,
    });
  }
}

const message = (): Message => ({ fields: [] });
const anyValue = message();
const arrayValue = message();
const keyValueList = message();
const keyValue = message();
const resource = message();
const scope = message();
const logRecord = message();
const scopeLogs = message();
const resourceLogs = message();
export const exportLogsServiceRequest = message();

define(anyValue, {
  string_value: [1, 'string'],
  bool_value: [2, 'bool'],
  int_value: [3, 'int64'],
  double_value: [4, 'double'],
  array_value: [5, arrayValue],
  kvlist_value: [6, keyValueList],
  bytes_value: [7, 'base64'],
});
define(arrayValue, { values: [1, [anyValue]] });
define(keyValueList, { values: [1, [keyValue]] });
define(keyValue, { key: [1, 'string'], value: [2, anyValue] });
define(resource, { attributes: [1, [keyValue]] });
define(scope, {
  name: [1, 'string'],
  version: [2, 'string'],
  attributes: [3, [keyValue]],
  dropped_attributes_count: [4, 'uint32'],
});
define(logRecord, {
  time_unix_nano: [1, 'fixed64'],
  severity_number: [2, 'severity'],
  severity_text: [3, 'string'],
  body: [5, anyValue],
  attributes: [6, [keyValue]],
  dropped_attributes_count: [7, 'uint32'],
  flags: [8, 'fixed32'],
  trace_id: [9, 'hex'],
  span_id: [10, 'hex'],
  observed_time_unix_nano: [11, 'fixed64'],
  event_name: [12, 'string'],
});
define(scopeLogs, { scope: [1, scope], log_records: [2, [logRecord]] });
define(resourceLogs, { resource: [1, resource], scope_logs: [2, [scopeLogs]] });
define(exportLogsServiceRequest, { resource_logs: [1, [resourceLogs]] });
