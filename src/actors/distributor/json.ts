import { ByteCache } from '../../wire/byte-cache.js';
import { type ByteRun, byteRun } from '../../wire/byte-copy.js';
import { quoteGo } from '../../wire/labels.js';
import { EMPTY, readAt, readMembers, readPairs, readStreams, ZERO_SECONDS } from './json-request.js';
import { CLOSE_BRACE, CLOSE_BRACKET, type JsonScanner, OPEN_BRACE, OPEN_BRACKET } from './json-scanner.js';
import { parseNanos } from './json-time.js';
import type { PushSink } from './push-sink.js';

const STREAM = Buffer.from('stream');
const VALUES = Buffer.from('values');

const CACHED_LABEL_SETS = 8192;
const CACHED_BYTES = 4 * 1024 * 1024;

/** A stream's member occurs twice, and the first one has already been reported. */
class RepeatedMember extends Error {
  override readonly name = 'RepeatedMember';
}

/**
 * Reads the JSON of `/loki/api/v1/push`:
 *
 *   {"streams": [{"stream": {"app": "x"}, "values": [["<ns>", "line", {"name": "value"}]]}]}
 *
 * Of a member that occurs twice the last one counts. Throws a FaultError (`bad-request`) on anything that Loki would not
 * accept either.
 */
export class JsonPushReader {
  /** The text of a label set by the bytes of its JSON. */
  readonly #labels = new ByteCache<ByteRun>(CACHED_LABEL_SETS, CACHED_BYTES);
  readonly #members = [-1, -1];

  read(body: Uint8Array, begin: () => PushSink): void {
    try {
      readStreams(body, begin, (json, sink) => this.#streamAsItComes(json, sink));
    } catch (error) {
      if (!(error instanceof RepeatedMember)) throw error;
      readStreams(body, begin, (json, sink) => this.#streamLookedOver(json, sink));
    }
  }

  /** Values that come after the labels, as all clients send them, are read at once. */
  #streamAsItComes(json: JsonScanner, sink: PushSink): void {
    let hasLabels = false;
    let hasValues = false;
    let waiting = -1;
    json.forget();
    json.expect(OPEN_BRACE);
    for (let first = true; json.more(CLOSE_BRACE, first); first = false) {
      json.key();
      const isLabels = json.is(STREAM);
      if (!isLabels && !json.is(VALUES)) json.skip();
      else if (isLabels ? hasLabels : hasValues) throw new RepeatedMember();
      else if (isLabels) {
        hasLabels = true;
        this.#labelSet(json, sink);
      } else {
        hasValues = true;
        if (!hasLabels) {
          waiting = json.at;
          json.leap();
        } else if (!json.isNull()) readValues(json, sink);
      }
    }
    if (!hasLabels) sink.beginStream(EMPTY, 0, 0);
    readAt(json, waiting, () => readValues(json, sink));
    sink.endStream();
  }

  #streamLookedOver(json: JsonScanner, sink: PushSink): void {
    json.forget();
    const [labels, values] = readMembers(json, [STREAM, VALUES], this.#members) as [number, number];
    const after = json.at;
    json.at = labels;
    if (labels === -1) sink.beginStream(EMPTY, 0, 0);
    else this.#labelSet(json, sink);
    readAt(json, values, () => readValues(json, sink));
    json.at = after;
    sink.endStream();
  }

  #labelSet(json: JsonScanner, sink: PushSink): void {
    if (json.peek() !== OPEN_BRACE) json.fail('expected an object of labels');
    const start = json.at;
    json.leap();
    const text = this.#labels.get(json.source.view, start, json.at) ?? this.#labelText(json, start, json.at);
    sink.beginStream(text, 0, text.bytes.length);
  }

  #labelText(json: JsonScanner, start: number, end: number): ByteRun {
    json.at = start;
    const labels = readLabels(json);
    const pairs = [...labels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${quoteGo(value)}`);
    const text = byteRun(new Uint8Array(Buffer.from(`{${pairs.join(', ')}}`)));
    this.#labels.put(json.source, start, end, text);
    return text;
  }
}

function readValues(json: JsonScanner, sink: PushSink): void {
  json.expect(OPEN_BRACKET);
  for (let first = true; json.more(CLOSE_BRACKET, first); first = false) {
    if (!json.isNull()) readEntry(json, sink);
  }
}

/** What is missing of an entry is empty, what is too much is passed over. */
function readEntry(json: JsonScanner, sink: PushSink): void {
  json.forget();
  json.expect(OPEN_BRACKET);
  let seconds = ZERO_SECONDS;
  let nanos = 0;
  let lineStart = 0;
  let lineEnd = 0;
  for (let i = 0; json.more(CLOSE_BRACKET, i === 0); i++) {
    if (i === 0) {
      json.string();
      const time = parseNanos(json);
      seconds = time.seconds;
      nanos = time.nanos;
    } else if (i === 1) {
      json.string();
      lineStart = json.start;
      lineEnd = json.end;
    } else if (i === 2) readPairs(json, sink);
    else json.skip();
  }
  sink.entry(seconds, nanos, lineStart, lineEnd);
}

/** Label values that are not strings count as their JSON text, as in Loki. */
function readLabels(json: JsonScanner): Map<string, string> {
  const labels = new Map<string, string>();
  json.expect(OPEN_BRACE);
  for (let first = true; json.more(CLOSE_BRACE, first); first = false) {
    json.key();
    const name = json.text();
    if (json.peek() === 0x22) json.string();
    else {
      const start = json.at;
      json.skip();
      json.start = start;
      json.end = json.at;
    }
    labels.set(name, json.text());
  }
  return labels;
}
