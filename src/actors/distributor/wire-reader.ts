import { type ByteRun, byteRun } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
const START_GROUP = 3;
const END_GROUP = 4;
export const FIXED32 = 5;
const MAX_GROUP_DEPTH = 32;

const TWO_28 = 2 ** 28;
const TWO_35 = 2 ** 35;

/**
 * Walks protobuf's wire format without making an object or a string. Throws a FaultError (`bad-request`) where bytes are
 * none. Wire format: protobuf.dev/programming-guides/encoding.
 */
export class WireReader {
  protected source: ByteRun = byteRun(new Uint8Array(0));
  protected view: DataView = this.source.view;
  protected at = 0;

  protected reset(bytes: Uint8Array): void {
    this.source = byteRun(bytes);
    this.view = this.source.view;
    this.at = 0;
  }

  /** Reads a length prefix and returns where the field ends. */
  protected fieldEnd(end: number): number {
    const length = this.varint(end);
    const fieldEnd = this.at + length;
    if (length < 0) return raise('bad-request', 'proto: negative length found during unmarshaling');
    if (fieldEnd > end) return raise('bad-request', 'unexpected EOF');
    return fieldEnd;
  }

  /** A varint as a signed number; rounded above 2^53, which no length, tag or valid time reaches. */
  protected varint(end: number): number {
    const at = this.at;
    if (at + 1 < end) {
      const first = this.view.getUint8(at);
      if (first < 0x80) {
        this.at = at + 1;
        return first;
      }
      const second = this.view.getUint8(at + 1);
      if (second < 0x80) {
        this.at = at + 2;
        return (second << 7) | (first & 0x7f);
      }
    }
    return this.#longVarint(end);
  }

  #longVarint(end: number): number {
    let at = this.at;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) return raise('bad-request', 'unexpected EOF');
      const byte = this.view.getUint8(at++);
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return low;
      }
    }
    let high = 0;
    for (let shift = 0; shift < 42; shift += 7) {
      if (at >= end) return raise('bad-request', 'unexpected EOF');
      const byte = this.view.getUint8(at++);
      // 36 bits above the low 28: the tenth byte has one that counts.
      high += (byte & (shift === 35 ? 1 : 0x7f)) * 2 ** shift;
      if (byte < 0x80) {
        this.at = at;
        return high >= TWO_35 ? (high - 2 * TWO_35) * TWO_28 + low : high * TWO_28 + low;
      }
    }
    return raise('bad-request', 'proto: integer overflow');
  }

  /** Skips a field above the `known` ones; a known one got here because of its wire type. */
  protected unknown(tag: number, end: number, known: number, message: string): void {
    const field = Math.floor(tag / 8);
    const wire = tag & 7;
    if (field <= 0 || field > 0x1fffffff)
      raise('bad-request', `proto: ${message}: illegal tag ${field} (wire type ${wire})`);
    if (field <= known) raise('bad-request', `proto: wrong wireType = ${wire} for field ${field} of ${message}`);
    this.skip(wire, end, 0);
  }

  protected skip(wire: number, end: number, depth: number): void {
    switch (wire) {
      case VARINT:
        this.varint(end);
        return;
      case FIXED64:
        this.advance(8, end);
        return;
      case BYTES:
        this.at = this.fieldEnd(end);
        return;
      case FIXED32:
        this.advance(4, end);
        return;
      case START_GROUP:
        this.#skipGroup(end, depth + 1);
        return;
      case END_GROUP:
        raise('bad-request', 'proto: unexpected end of group');
        break;
      default:
        raise('bad-request', `proto: illegal wireType ${wire}`);
    }
  }

  #skipGroup(end: number, depth: number): void {
    if (depth > MAX_GROUP_DEPTH) raise('bad-request', 'proto: groups nested too deeply');
    for (;;) {
      const wire = this.varint(end) & 7;
      if (wire === END_GROUP) return;
      this.skip(wire, end, depth);
    }
  }

  protected advance(bytes: number, end: number): void {
    if (this.at + bytes > end) raise('bad-request', 'unexpected EOF');
    this.at += bytes;
  }
}
