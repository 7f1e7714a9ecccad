import { type ByteRun, byteRun } from '../../wire/byte-copy.js';
import { CLOSE_BRACE, CLOSE_BRACKET, JsonScanner, OPEN_BRACE, OPEN_BRACKET } from './json-scanner.js';
import type { PushSink } from './push-sink.js';

const STREAMS = Buffer.from('streams');

/** Room for unescaped strings that is kept from request to request. */
const KEPT_ROOM = 2 * 1024 * 1024;
export const SCRATCH: ByteRun = byteRun(new Uint8Array(KEPT_ROOM));

/** What an entry without a time has in Go: the year 1, which is always too old. */
export const ZERO_SECONDS = -62135596800;

export const EMPTY: ByteRun = byteRun(new Uint8Array(0));

/**
 * Reads `{"streams": [...]}`, asking for a sink whenever a list of streams begins: the last list counts. Unknown members
 * are passed over, and so is anything after the object. Throws a FaultError (`bad-request`) on what is not such an object.
 */
export function readStreams(
  body: Uint8Array,
  begin: () => PushSink,
  readStream: (json: JsonScanner, sink: PushSink) => void,
): void {
  const json = new JsonScanner(body, SCRATCH);
  if (json.peek() === 0) json.fail('unexpected end of input');
  if (json.isNull()) return;
  json.expect(OPEN_BRACE);
  for (let first = true; json.more(CLOSE_BRACE, first); first = false) {
    json.forget();
    json.key();
    if (!json.is(STREAMS)) {
      json.skip();
      continue;
    }
    const sink = begin();
    sink.open(json.source);
    if (json.isNull()) continue;
    json.expect(OPEN_BRACKET);
    for (let one = true; json.more(CLOSE_BRACKET, one); one = false) readStream(json, sink);
  }
}

/**
 * Passes over an object and notes where the values of the named members begin, -1 for those it does not have. Of a member
 * that occurs twice the last one is noted.
 */
export function readMembers(json: JsonScanner, names: readonly Uint8Array[], found: number[]): number[] {
  found.fill(-1);
  json.expect(OPEN_BRACE);
  for (let first = true; json.more(CLOSE_BRACE, first); first = false) {
    json.key();
    const member = names.findIndex((name) => json.is(name));
    if (member === -1) json.skip();
    else {
      found[member] = json.at;
      json.leap();
    }
  }
  return found;
}

/** Reads what was passed over before, and comes back. Does nothing for a member that is missing or null. */
export function readAt(json: JsonScanner, at: number, read: () => void): void {
  if (at === -1) return;
  const back = json.at;
  json.at = at;
  if (!json.isNull()) read();
  json.at = back;
}

/** `{"name": "value"}` */
export function readPairs(json: JsonScanner, sink: PushSink): void {
  json.expect(OPEN_BRACE);
  for (let first = true; json.more(CLOSE_BRACE, first); first = false) {
    json.key();
    const { start, end } = json;
    json.string();
    sink.pair(start, end, json.start, json.end);
  }
}
