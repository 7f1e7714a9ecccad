import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { snappyCompress } from 'hysnappy';
import { decodePush, PushMemory } from '../../../src/actors/distributor/decode-push.js';
import { decodeLz4 } from '../../../src/actors/distributor/lz4.js';
import { SnappyDecoder } from '../../../src/actors/distributor/snappy.js';
import { openEntries } from '../../../src/wire/entries.js';
import { FaultError } from '../../../src/wire/fault.js';
import { DEFAULT_LIMITS } from '../../../src/wire/limits.js';
import type { PushFormat } from '../../../src/wire/query.js';
import { jsonPush } from '../../support/client.js';
import { otlpJson, protobufOf, text } from '../../support/otlp.js';
import { protobufPush } from '../../support/push.js';
import type { SeededRandom } from '../../support/random.js';
import { mutatedBytes, mutatedText, randomBytes } from '../mutate.js';
import { accepts, type FuzzTarget } from '../target.js';

const NOW = 1_793_491_200_000_000_000n;
const MAX_BYTES = 1 << 20;
const memory = new PushMemory(MAX_BYTES);
/** Reads no entries in WebAssembly. */
const plainMemory = new PushMemory(MAX_BYTES, false);

const ENTRIES = [
  {
    time: NOW,
    line: 'level=info msg="é名" took=5ms',
    metadata: [
      ['trace', 'abc'],
      ['a.b-c', ''],
    ] as [string, string][],
  },
  { time: NOW - 1n, line: '{"level":"error","msg":"two\\nlines"}' },
  { time: -1n, line: '' },
];
const PROTOBUF = protobufPush([
  { labels: '{app="x", env="prod"}', entries: ENTRIES },
  { labels: '{app="é\\"\\\\\\x41", b=`raw`}', entries: ENTRIES.slice(1) },
]);
const JSON_PUSH = jsonPush([
  { labels: { app: 'x', env: 'prod' }, entries: ENTRIES },
  { labels: { b: '"\\' }, entries: ENTRIES },
]);
const LEGACY = '{"streams":[{"labels":"{app=\\"x\\"}","entries":[{"ts":"2026-11-01T00:00:00.5Z","line":"a line"}]}]}';
const JSON_PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\u00e9',
    '\\ud800',
    '\\',
    'null',
    'true',
    '1e5',
    '-0',
    '"streams":',
    '"values":',
  ],
  ...[
    '"stream":',
    '"labels":',
    '"1793491200000000000"',
    '"99999999999999999999"',
    '\0',
    '\u{1f600}',
    ' ',
    '[["1","x",{"a":"b"}]]',
  ],
];

/** Whatever a body is, it becomes a batch that opens again, or a fault that names what is wrong with it. */
function push(body: Uint8Array, contentType: string, format: PushFormat = 'loki'): boolean {
  const request = { tenant: 'fuzz', contentType, body, format };
  const { batch, rejected } = decodePush(request, DEFAULT_LIMITS, NOW, memory);
  if (rejected?.detail !== undefined) throw new TypeError(`${rejected.message}\n${rejected.detail}`);
  if (batch === null) return false;
  openEntries(batch.buffer);
  return true;
}

/** Text as bytes, some of them no UTF-8 any more. */
function jsonBody(random: SeededRandom, sample: string): Uint8Array {
  const text = mutatedText(random, sample, random.pick([JSON_PUSH, LEGACY]), JSON_PIECES);
  return random.chance(0.2) ? mutatedBytes(random, Buffer.from(text)) : Buffer.from(text);
}

export const protobuf: FuzzTarget = {
  name: 'protobuf',
  weight: 1,
  attempt(random) {
    const plain = random.chance(0.05) ? randomBytes(random, 80) : mutatedBytes(random, PROTOBUF);
    const body = snappyCompress(plain);
    const request = { tenant: 'fuzz', contentType: 'application/x-protobuf', body, format: 'loki' as const };
    const [fast, slow] = [memory, plainMemory].map((each) => decodePush(request, DEFAULT_LIMITS, NOW, each));
    if (!isDeepStrictEqual(fast, slow)) throw new TypeError('read in WebAssembly it is something else');
    return push(body, 'application/x-protobuf');
  },
};

export const json: FuzzTarget = {
  name: 'json',
  weight: 1,
  attempt: (random) => push(jsonBody(random, JSON_PUSH), 'application/json'),
};

export const legacyJson: FuzzTarget = {
  name: 'legacy-json',
  weight: 0.3,
  attempt: (random) => push(jsonBody(random, LEGACY), 'application/json', 'legacy'),
};

const BLOCKS = [PROTOBUF, Buffer.alloc(5000, 'ab'), gzipSync('random'), Buffer.alloc(0)].map((bytes) =>
  snappyCompress(bytes),
);
const decoder = new SnappyDecoder();

export const snappy: FuzzTarget = {
  name: 'snappy',
  weight: 1,
  attempt(random) {
    const block = random.chance(0.1)
      ? randomBytes(random, 60)
      : mutatedBytes(random, random.pick(BLOCKS), random.pick(BLOCKS));
    let length = 0;
    const accepted = accepts(
      () => {
        length = decoder.decode(block, MAX_BYTES).length;
      },
      (error) => error instanceof FaultError && ['bad-request', 'too-large'].includes(error.fault.code),
    );
    if (length > MAX_BYTES) throw new TypeError(`${length} bytes came out`);
    return accepted;
  },
};

const OTLP = otlpJson(
  [
    {
      timeUnixNano: '1793491200000000000',
      severityNumber: 9,
      body: {
        kvlistValue: { values: [text('a', 'b'), { key: 'n', value: { arrayValue: { values: [{ intValue: '1' }] } } }] },
      },
      attributes: [text('c', 'd'), { key: 'e', value: { doubleValue: 1.5 } }],
      traceId: '0102030405060708090a0b0c0d0e0f10',
    },
    { body: { stringValue: 'text' } },
  ],
  [text('service.name', 's'), text('x', 'y')],
  { name: 'lib', version: '1' },
);
const OTLP_TEXT = JSON.stringify(OTLP);
const OTLP_PROTOBUF = protobufOf(OTLP);

export const otlp: FuzzTarget = {
  name: 'otlp',
  weight: 1,
  attempt: (random) => push(mutatedBytes(random, OTLP_PROTOBUF), 'application/x-protobuf', 'otlp'),
};

export const otlpText: FuzzTarget = {
  name: 'otlp-json',
  weight: 0.5,
  attempt: (random) =>
    push(Buffer.from(mutatedText(random, OTLP_TEXT, JSON_PUSH, JSON_PIECES)), 'application/json', 'otlp'),
};

/** Literals and a match that overlaps itself; a stored block; a block linked to the one before, with checksums. */
const LZ4_FRAMES = [
  '04224d186040820b0000006a68656c6c6f200600102100000000',
  '04224d186040820300008061626300000000',
  '04224d1854408203000080616263aabbccdd050000000003001021aabbccdd00000000aabbccdd',
].map((hex) => Buffer.from(hex, 'hex'));

export const lz4: FuzzTarget = {
  name: 'lz4',
  weight: 0.5,
  attempt(random) {
    const frame = mutatedBytes(random, random.pick(LZ4_FRAMES), random.pick(LZ4_FRAMES));
    let length = 0;
    const accepted = accepts(
      () => {
        length = decodeLz4(frame, MAX_BYTES).length;
      },
      (error) => error instanceof FaultError && ['bad-request', 'too-large'].includes(error.fault.code),
    );
    if (length > MAX_BYTES) throw new TypeError(`${length} bytes came out`);
    return accepted;
  },
};
