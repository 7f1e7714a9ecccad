// Recorded push traffic: [u32 little-endian length][snappy-block protobuf PushRequest] after each other, gzipped or not.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { madeUpTraffic } from './made-up.mjs';

/** Recorded traffic, or made-up traffic when no file is named. */
export function readTraffic(file) {
  if (file === undefined) return madeUpTraffic();
  if (!fs.existsSync(file)) throw new Error(`no recording at ${file}; without --sample, traffic is made up`);
  return readSpool(file);
}

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

/**
 * The request as another copy of the same services would have sent it: with a label `copy`, at other times, and with other
 * ids, so that copies neither compress like copies nor are found by each other's ids.
 */
export function variant(body, { copy, shiftNs, turn }) {
  const parts = [];
  for (const [field, value] of fields(uncompress(body))) {
    parts.push(...delimited(field, field === 1 ? variantStream(value, copy, shiftNs, turn) : value));
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

function variantStream(stream, copy, shiftNs, turn) {
  const parts = [];
  for (const [field, value] of fields(stream)) {
    if (field === 1) parts.push(...delimited(1, Buffer.from(value.toString().replace('{', `{copy="${copy}", `))));
    else if (field === 2) parts.push(...delimited(2, variantEntry(value, shiftNs, turn)));
    else parts.push(...delimited(field, value));
  }
  return Buffer.concat(parts);
}

function variantEntry(entry, shiftNs, turn) {
  const parts = [];
  for (const [field, value] of fields(entry)) {
    parts.push(...delimited(field, field === 1 ? shifted(value, shiftNs) : turnIds(value, turn)));
  }
  return Buffer.concat(parts);
}

/** google.protobuf.Timestamp: seconds and nanoseconds. */
function shifted(timestamp, shiftNs) {
  let [seconds, nanos] = [0, 0];
  for (let at = 0; at < timestamp.length; ) {
    const [key, after] = varint(timestamp, at);
    const [value, next] = varint(timestamp, after);
    if (key >> 3 === 1) seconds = value;
    else nanos = value;
    at = next;
  }
  const moved = nanos + (shiftNs % 1e9);
  return Buffer.from([
    ...[8, ...varintBytes(seconds + Math.floor(shiftNs / 1e9) + Math.floor(moved / 1e9))],
    ...[16, ...varintBytes(moved % 1e9)],
  ]);
}

const ID_DIGITS = 16;

/** Turns every hexadecimal digit of long ids by `turn`, in place. */
function turnIds(bytes, turn) {
  if (turn === 0) return bytes;
  const out = Buffer.from(bytes);
  for (let at = 0; at < out.length; at++) {
    let end = at;
    while (end < out.length && hexDigit(out[end]) >= 0) end++;
    if (end - at >= ID_DIGITS) {
      for (let i = at; i < end; i++) out[i] = '0123456789abcdef'.charCodeAt((hexDigit(out[i]) + turn) & 15);
    }
    at = end;
  }
  return out;
}

function hexDigit(byte) {
  if (byte >= 48 && byte <= 57) return byte - 48;
  return byte >= 97 && byte <= 102 ? byte - 87 : -1;
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

export function delimited(field, value) {
  return [Buffer.from([(field << 3) | 2, ...varintBytes(value.length)]), value];
}

export function varintBytes(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function uncompress(body) {
  const output = Buffer.alloc(varint(body, 0)[0]);
  snappyUncompress(body, output);
  return output;
}

/** Snappy block format: greedy matches of at least 4 bytes through a hash table, within blocks of 64 KiB. */
export function compress(bytes) {
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
