// Recorded push traffic: [u32 little-endian length][snappy-block protobuf PushRequest] after each other, gzipped or not.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';

export function readSpool(file) {
  const stored = fs.readFileSync(file);
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? zlib.gunzipSync(stored) : stored;
  const bodies = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    bodies.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return bodies;
}

/** The request with a label `copy` added to every stream, so that a copy of the traffic has streams of its own. */
export function relabel(body, copy) {
  const parts = [];
  for (const [field, value] of fields(uncompress(body))) {
    parts.push(...delimited(field, field === 1 ? relabelStream(value, copy) : value));
  }
  return compress(Buffer.concat(parts));
}

/** Lines, and bytes of lines and structured metadata, of a request. */
export function measure(body) {
  let lines = 0;
  let bytes = 0;
  for (const [, stream] of fields(uncompress(body))) {
    for (const [field, entry] of fields(stream)) {
      if (field !== 2) continue;
      lines++;
      for (const [part, value] of fields(entry)) {
        if (part === 2) bytes += value.length;
        if (part === 3) for (const [, text] of fields(value)) bytes += text.length;
      }
    }
  }
  return { lines, bytes };
}

function relabelStream(stream, copy) {
  const parts = [];
  for (const [field, value] of fields(stream)) {
    parts.push(...delimited(field, field === 1 ? Buffer.from(value.toString().replace('{', `{copy="${copy}", `)) : value));
  }
  return Buffer.concat(parts);
}

function* fields(buffer) {
  for (let at = 0; at < buffer.length; ) {
    const [key, afterKey] = varint(buffer, at);
    if ((key & 7) === 0) {
      at = varint(buffer, afterKey)[1];
      continue;
    }
    const [length, start] = varint(buffer, afterKey);
    yield [key >> 3, buffer.subarray(start, start + length)];
    at = start + length;
  }
}

function varint(buffer, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = buffer[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

function delimited(field, value) {
  const head = [(field << 3) | 2];
  for (let n = value.length; ; n = Math.floor(n / 128)) {
    if (n < 128) {
      head.push(n);
      break;
    }
    head.push((n % 128) | 128);
  }
  return [Buffer.from(head), value];
}

function uncompress(body) {
  const output = Buffer.alloc(varint(body, 0)[0]);
  snappyUncompress(body, output);
  return output;
}

function compress(bytes) {
  const writer = new ByteWriter();
  snappyCompress(writer, bytes);
  return Buffer.from(writer.getBytes());
}
