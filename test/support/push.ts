import { snappyCompress } from 'hysnappy';
import type { EntriesBatch } from '../../src/wire/entries.js';

export interface SampleEntry {
  readonly time: bigint;
  readonly line: string | Uint8Array;
  readonly metadata?: readonly (readonly [name: string, value: string | Uint8Array])[];
}

export interface SampleStream {
  readonly labels: string;
  readonly entries: readonly SampleEntry[];
}

/** A snappy block of a logproto.PushRequest, as promtail sends it. */
export function snappyPush(streams: readonly SampleStream[]): Uint8Array {
  return snappyCompress(protobufPush(streams));
}

export function protobufPush(streams: readonly SampleStream[]): Uint8Array {
  return Buffer.concat(
    streams.map(({ labels, entries }) => {
      const encoded = entries.map((entry) => bytesField(2, protobufEntry(entry)));
      return bytesField(1, Buffer.concat([bytesField(1, Buffer.from(labels)), ...encoded]));
    }),
  );
}

export function protobufEntry({ time, line, metadata = [] }: SampleEntry): Uint8Array {
  const nanos = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const stamp = Buffer.concat([varintField(1, (time - nanos) / 1_000_000_000n), varintField(2, nanos)]);
  const pairs = metadata.map(([name, value]) =>
    bytesField(3, Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, Buffer.from(value))])),
  );
  return Buffer.concat([bytesField(1, stamp), bytesField(2, Buffer.from(line)), ...pairs]);
}

export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

export function varintField(number: number, value: bigint): Uint8Array {
  return Buffer.concat([varint(BigInt(number << 3)), varint(value)]);
}

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

export interface BatchRow {
  readonly stream: string;
  readonly time: bigint;
  readonly line: string;
  readonly metadata: Record<string, string>;
}

/** A batch as plain objects. */
export function rowsOf(batch: EntriesBatch): BatchRow[] {
  const messages = Buffer.from(batch.messages);
  const metadata = Buffer.from(batch.metadata);
  return Array.from({ length: batch.rows }, (_, row) => {
    const pairs: Record<string, string> = {};
    for (const pair of batch.pairs.subarray(batch.pairStarts[row], batch.pairStarts[row + 1])) {
      const name = batch.keys[batch.pairKeys[pair]!]!;
      pairs[name] = metadata.toString('utf8', batch.pairOffsets[pair], batch.pairOffsets[pair + 1]);
    }
    return {
      stream: batch.streams[batch.streamEnds.findIndex((end) => row < end)]!,
      time: batch.times[row]!,
      line: messages.toString('utf8', batch.messageOffsets[row], batch.messageOffsets[row + 1]),
      metadata: pairs,
    };
  });
}
