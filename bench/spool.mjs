// Recorded push traffic: [u32 little-endian length][snappy-block protobuf PushRequest] after each other, gzipped or not.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { snappyUncompress } from 'hyparquet/src/snappy.js';

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
    parts.push(
      ...delimited(field, field === 1 ? Buffer.from(value.toString().replace('{', `{copy="${copy}", `)) : value),
    );
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

/** Snappy block format: greedy matches of at least 4 bytes through a hash table, within blocks of 64 KiB. */
function compress(bytes) {
  const out = Buffer.allocUnsafe(32 + bytes.length + Math.ceil(bytes.length / 6));
  let end = 0;
  for (let n = bytes.length; ; n = Math.floor(n / 128)) {
    out[end++] = n < 128 ? n : (n % 128) | 128;
    if (n < 128) break;
  }
  const literal = (from, to) => {
    for (let at = from; at < to; at += 65536) {
      const length = Math.min(65536, to - at);
      if (length <= 60) out[end++] = (length - 1) << 2;
      else {
        out[end++] = 61 << 2;
        end = out.writeUInt16LE(length - 1, end);
      }
      end += bytes.copy(out, end, at, at + length);
    }
  };
  const table = new Int32Array(1 << 14);
  for (let block = 0; block < bytes.length; block += 65536) {
    const stop = Math.min(bytes.length, block + 65536);
    table.fill(-1);
    let pending = block;
    for (let at = block; at + 4 <= stop; ) {
      const word = bytes.readInt32LE(at);
      const slot = Math.imul(word, 0x1e35a7bd) >>> 18;
      const match = table[slot];
      table[slot] = at;
      if (match < 0 || bytes.readInt32LE(match) !== word) {
        at++;
        continue;
      }
      literal(pending, at);
      let length = 4;
      while (length < 64 && at + length < stop && bytes[at + length] === bytes[match + length]) length++;
      out[end++] = ((length - 1) << 2) | 2;
      end = out.writeUInt16LE(at - match, end);
      at += length;
      pending = at;
    }
    literal(pending, stop);
  }
  return out.subarray(0, end);
}
