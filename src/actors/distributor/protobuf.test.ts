import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesField,
  protobufEntry,
  protobufPush,
  type SampleStream,
  varint,
  varintField,
} from '../../../test/support/push.js';
import { RecordingSink } from '../../../test/support/recording-sink.js';
import { FaultError } from '../../wire/fault.js';
import { PushRequestReader } from './protobuf.js';

const reader = new PushRequestReader();

function read(bytes: Uint8Array): RecordingSink {
  const sink = new RecordingSink();
  reader.read(bytes, sink);
  return sink;
}

function refusal(bytes: Uint8Array): string {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof FaultError) return `${error.fault.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const concat = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
const text = (value: string): Uint8Array => Buffer.from(value);
const inStream = (...fields: Uint8Array[]): Uint8Array => bytesField(1, concat(...fields));
const inEntry = (...fields: Uint8Array[]): Uint8Array => inStream(bytesField(2, concat(...fields)));
const inTime = (...fields: Uint8Array[]): Uint8Array => inEntry(bytesField(1, concat(...fields)));

const line = 'x'.repeat(300);
const REQUEST: SampleStream[] = [
  {
    labels: '{app="a"}',
    entries: [
      { time: 1_793_491_206_250_000_968n, line: 'one', metadata: [['trace_id', '0242ac120002']] },
      {
        time: -1n,
        line,
        metadata: [
          ['long', 'v'.repeat(200)],
          ['', ''],
          ['n'.repeat(130), 'short'],
        ],
      },
    ],
  },
  { labels: '{app="b"}', entries: [] },
  { labels: '', entries: [{ time: 0n, line: '' }] },
];

describe('a PushRequest', () => {
  it('is reported stream by stream and entry by entry', () => {
    const { streams, ended } = read(protobufPush(REQUEST));
    expect(ended).toBe(3);
    expect(streams).toEqual([
      {
        labels: '{app="a"}',
        entries: [
          { seconds: 1793491206, nanos: 250000968, line: 'one', metadata: [['trace_id', '0242ac120002']] },
          {
            seconds: -1,
            nanos: 999999999,
            line,
            metadata: [
              ['long', 'v'.repeat(200)],
              ['', ''],
              ['n'.repeat(130), 'short'],
            ],
          },
        ],
      },
      { labels: '{app="b"}', entries: [] },
      { labels: '', entries: [{ seconds: 0, nanos: 0, line: '', metadata: [] }] },
    ]);
  });

  it('without streams is accepted', () => {
    expect(read(new Uint8Array(0)).streams).toEqual([]);
  });

  it('may have its fields in any order', () => {
    const entry = { time: 5n, line: 'late labels', metadata: [['a', 'b']] as const };
    const pair = bytesField(3, concat(bytesField(2, text('b')), bytesField(1, text('a'))));
    const time = bytesField(1, concat(varintField(2, 5n), varintField(1, 0n)));
    const backwards = inStream(
      bytesField(2, concat(pair, bytesField(2, text('late labels')), time)),
      bytesField(1, text('{}')),
    );
    expect(read(backwards).streams).toEqual(read(protobufPush([{ labels: '{}', entries: [entry] }])).streams);
  });

  it('takes the last of a field that should occur once', () => {
    const { streams } = read(
      inStream(
        bytesField(1, text('{a="1"}')),
        bytesField(2, concat(bytesField(2, text('first')), bytesField(2, text('second')))),
        bytesField(1, text('{a="2"}')),
      ),
    );
    expect(streams).toEqual([{ labels: '{a="2"}', entries: [{ seconds: 0, nanos: 0, line: 'second', metadata: [] }] }]);
  });

  it('may have fields that nobody knows, groups included', () => {
    const group = concat(varint(83n), varintField(1, 7n), varint(91n), varint(92n), varint(84n));
    const unknown = concat(
      varintField(9, 2n ** 64n - 1n),
      bytesField(15, text('later')),
      concat(varint((16n << 3n) | 1n), new Uint8Array(8)),
      concat(varint((17n << 3n) | 5n), new Uint8Array(4)),
      group,
    );
    const known = protobufEntry({ time: 1n, line: 'kept' });
    const request = concat(
      bytesField(2, text('snappy')),
      unknown,
      inStream(unknown, bytesField(1, text('{}')), bytesField(2, concat(unknown, known)), varintField(3, 123n)),
    );
    expect(read(request).streams).toEqual([
      { labels: '{}', entries: [{ seconds: 0, nanos: 1, line: 'kept', metadata: [] }] },
    ]);
  });

  it('may have times that winston-loki sends: nanoseconds that are thousandths too small', () => {
    expect(read(inTime(varintField(1, 1793491206n), varintField(2, 250_000n))).streams[0]?.entries[0]?.nanos).toBe(
      250000,
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['a field that ends in its tag', Uint8Array.of(0x8a), 'unexpected EOF'],
    ['a length without its bytes', Uint8Array.of(10, 5, 1), 'unexpected EOF'],
    ['a stream whose labels go beyond it', inStream(Uint8Array.of(10, 100)), 'unexpected EOF'],
    [
      'a pair whose value goes beyond it',
      inEntry(bytesField(3, Uint8Array.of(10, 1, 97, 18, 5, 98))),
      'unexpected EOF',
    ],
    [
      'a length of 2^63',
      concat(Uint8Array.of(10), varint(2n ** 63n)),
      'proto: negative length found during unmarshaling',
    ],
    ['a varint of eleven bytes', concat(Uint8Array.of(72), new Uint8Array(10).fill(0x80)), 'proto: integer overflow'],
    ['a field number 0', Uint8Array.of(0, 0), 'proto: PushRequest: illegal tag 0 (wire type 0)'],
    ['a wire type 7', Uint8Array.of((9 << 3) | 7), 'proto: illegal wireType 7'],
    ['a group that only ends', Uint8Array.of((9 << 3) | 4), 'proto: unexpected end of group'],
    ['a group that does not end', Uint8Array.of((9 << 3) | 3, 8), 'unexpected EOF'],
    ['groups in groups', new Uint8Array(1000).fill((9 << 3) | 3), 'proto: groups nested too deeply'],
    ['streams that are a number', varintField(1, 1n), 'proto: wrong wireType = 0 for field 1 of PushRequest'],
    ['a line that is a number', inEntry(varintField(2, 1n)), 'proto: wrong wireType = 0 for field 2 of Entry'],
    ['negative nanoseconds', inTime(varintField(2, -1n)), 'timestamp: seconds:0 nanos:-1: out of range'],
    ['a billion nanoseconds', inTime(varintField(2, 10n ** 9n)), 'timestamp: seconds:0 nanos:1000000000: out of range'],
    [
      'a time after the year 9999',
      inTime(varintField(1, 253402300800n)),
      'timestamp: seconds:253402300800 nanos:0: out of range',
    ],
  ])('is refused with %s', (_, bytes, message) => {
    expect(refusal(bytes)).toBe(`bad-request: ${message}`);
  });

  it('reads the varints that encoders write', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -62135596800n, max: 253402300799n }), fc.nat(999_999_999), (seconds, nanos) => {
        const { streams } = read(inTime(varintField(1, seconds), varintField(2, BigInt(nanos))));
        expect(streams[0]?.entries[0]).toMatchObject({ seconds: Number(seconds), nanos });
      }),
      { numRuns: 1000 },
    );
  });

  it('is read or refused with a fault when bytes are changed, dropped or made up', () => {
    const valid = protobufPush(REQUEST);
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    const changed = fc.tuple(fc.array(change, { maxLength: 6 }), fc.nat(valid.length)).map(([changes, end]) => {
      const bytes = Uint8Array.from(valid);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes.slice(0, end);
    });
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        refusal(bytes);
      }),
      { numRuns: 3000 },
    );
  });
});
