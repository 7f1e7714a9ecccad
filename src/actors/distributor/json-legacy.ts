import { EMPTY, readAt, readMembers, readPairs, readStreams, ZERO_SECONDS } from './json-request.js';
import { CLOSE_BRACKET, type JsonScanner, OPEN_BRACE, OPEN_BRACKET } from './json-scanner.js';
import { parseRfc3339 } from './json-time.js';
import type { PushSink } from './push-sink.js';

const keys = (...names: string[]): readonly Uint8Array[] => names.map((name) => Buffer.from(name));
const STREAM = keys('labels', 'entries');
const ENTRY = keys('ts', 'line', 'structuredMetadata');
const PAIR = keys('name', 'value');

/**
 * Reads the JSON of `/api/prom/push`, in which labels are text:
 *
 *   {"streams": [{"labels": "{app=\"x\"}", "entries": [{"ts": "<RFC 3339>", "line": "line", "structuredMetadata": {}}]}]}
 *
 * Of a member that occurs twice the last one counts; null is the same as none. Throws a FaultError (`bad-request`) on
 * anything that Loki would not accept either.
 */
export function readLegacyPush(body: Uint8Array, begin: () => PushSink): void {
  readStreams(body, begin, readStream);
}

function readStream(json: JsonScanner, sink: PushSink): void {
  json.forget();
  const [labels, entries] = readMembers(json, STREAM, [-1, -1]) as [number, number];
  json.start = 0;
  json.end = 0;
  readAt(json, labels, () => json.string());
  sink.beginStream(json.end === 0 ? EMPTY : json.source, json.start, json.end);
  readAt(json, entries, () => {
    json.expect(OPEN_BRACKET);
    for (let first = true; json.more(CLOSE_BRACKET, first); first = false) readEntry(json, sink);
  });
  sink.endStream();
}

function readEntry(json: JsonScanner, sink: PushSink): void {
  json.forget();
  const [time, line, metadata] = readMembers(json, ENTRY, [-1, -1, -1]) as [number, number, number];
  let seconds = ZERO_SECONDS;
  let nanos = 0;
  readAt(json, time, () => {
    json.string();
    [seconds, nanos] = parseRfc3339(json.text());
  });
  json.start = 0;
  json.end = 0;
  readAt(json, line, () => json.string());
  const { start, end } = json;
  readAt(json, metadata, () => {
    if (json.peek() === OPEN_BRACE) readPairs(json, sink);
    else readPairList(json, sink);
  });
  sink.entry(seconds, nanos, start, end);
}

/** `[{"name": "a", "value": "b"}]`, which is how the protobuf's own types are written as JSON. */
function readPairList(json: JsonScanner, sink: PushSink): void {
  json.expect(OPEN_BRACKET);
  for (let first = true; json.more(CLOSE_BRACKET, first); first = false) {
    const [name, value] = readMembers(json, PAIR, [-1, -1]) as [number, number];
    json.start = 0;
    json.end = 0;
    readAt(json, name, () => json.string());
    const { start, end } = json;
    json.start = 0;
    json.end = 0;
    readAt(json, value, () => json.string());
    sink.pair(start, end, json.start, json.end);
  }
}
