/** OTLP requests for tests, as JSON; `protobufOf` turns them into the other encoding by an encoder of its own. */
import { otlpJsonToProtobuf } from '../../src/actors/distributor/otlp-json.js';

export interface OtlpAttribute {
  readonly key: string;
  readonly value: object;
}

export const text = (key: string, value: string): OtlpAttribute => ({ key, value: { stringValue: value } });

export function otlpJson(
  records: readonly object[],
  resource: readonly OtlpAttribute[] = [],
  scope: object = {},
): object {
  return { resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ scope, logRecords: records }] }] };
}

export function protobufOf(request: object): Uint8Array {
  return otlpJsonToProtobuf(Buffer.from(JSON.stringify(request)));
}
