import { crc32 } from 'node:zlib';
import { CorruptObject } from '../../../src/storage/corrupt.js';
import { packFields, unpackFields } from '../../../src/storage/dataobj/fields.js';
import { buildLogsObject } from '../../../src/storage/dataobj/logs/builder.js';
import { decodeDelta, encodeDelta } from '../../../src/storage/dataobj/parquet/delta.js';
import { decodeHybrid, encodeHybrid } from '../../../src/storage/dataobj/parquet/hybrid.js';
import { decodePlain, decodeTexts, encodeLengths, encodePlain } from '../../../src/storage/dataobj/parquet/text.js';
import { cursor } from '../../../src/storage/dataobj/parquet/varint.js';
import { DEFAULT_BUILD_SETTINGS } from '../../../src/storage/dataobj/types.js';
import { decodeToc, encodeToc } from '../../../src/storage/metastore/toc.js';
import { encodeHeader } from '../../../src/storage/wal/record.js';
import { readSegment } from '../../../src/storage/wal/replay.js';
import { inputOf } from '../../support/build-input.js';
import { readRows } from '../../support/read-object.js';
import { sampleRows } from '../../support/sample-rows.js';
import { mutatedBytes, randomBytes } from '../mutate.js';
import { accepts, type FuzzTarget } from '../target.js';

const isCorrupt = (error: Error): boolean => error instanceof CorruptObject;

const { bytes: OBJECT } = buildLogsObject(inputOf([sampleRows(40)]), {
  ...DEFAULT_BUILD_SETTINGS,
  ...{ bucketBytes: 2000, sectionBytes: 4000, pageBytesMin: 300, pageBytesMax: 900, metadataColumnsMax: 2 },
});

/** A whole object, footer to rows: it is refused, or read. */
export const dataobj: FuzzTarget = {
  name: 'dataobj',
  weight: 0.03,
  async attempt(random) {
    const bytes = random.chance(0.02) ? randomBytes(random, 200) : mutatedBytes(random, OBJECT);
    try {
      await readRows(bytes);
      return true;
    } catch (error) {
      if (error instanceof CorruptObject) return false;
      throw error;
    }
  },
};

/** An encoding within pages, where no checksum comes before it. */
interface PageEncoding {
  readonly sample: Uint8Array;
  readonly decode: (bytes: Uint8Array, count: number) => unknown;
}

const VALUES = 300;
const OFFSETS = Int32Array.from({ length: VALUES + 1 }, (_, i) => 3 * i);
const TEXTS = Buffer.alloc(3 * VALUES, 'abc');

function written(write: (out: Uint8Array) => number): Uint8Array {
  const out = new Uint8Array(1 << 16);
  return out.slice(0, write(out));
}

const ENCODINGS: readonly PageEncoding[] = [
  {
    sample: written((out) => encodeDelta(OFFSETS, 0, VALUES, 5n, out, 0)),
    decode: (bytes, count) => decodeDelta(cursor(bytes), count, 5n, new Float64Array(count)),
  },
  {
    sample: written((out) => encodeHybrid(OFFSETS, 0, VALUES, 10, out, 0)),
    decode: (bytes, count) => decodeHybrid(cursor(bytes), 10, count, 900, new Int32Array(count)),
  },
  {
    sample: Buffer.concat([written((out) => encodeLengths(OFFSETS, 0, VALUES, out, 0)), TEXTS]),
    decode: (bytes, count) => decodeTexts(bytes, 0, count),
  },
  { sample: encodePlain(OFFSETS, VALUES, TEXTS), decode: decodePlain },
];

export const parquet: FuzzTarget = {
  name: 'parquet',
  weight: 1,
  attempt(random) {
    const { sample, decode } = random.pick(ENCODINGS);
    const bytes = random.chance(0.1) ? randomBytes(random, 100) : mutatedBytes(random, sample);
    const count = random.chance(0.8) ? VALUES : random.below(2 * VALUES);
    return accepts(() => decode(bytes, count), isCorrupt);
  },
};

const FIELDS = packFields({
  version: 1,
  name: 'é'.repeat(40),
  list: [{ a: 1n, b: Uint8Array.of(1, 2) }],
  big: 2n ** 60n,
  f: 1.5,
});

export const fields: FuzzTarget = {
  name: 'fields',
  weight: 1,
  attempt(random) {
    const bytes = random.chance(0.2) ? randomBytes(random, 60) : mutatedBytes(random, FIELDS);
    return accepts(() => unpackFields(bytes, { path: 'x' }), isCorrupt);
  },
};

const ENTRY = {
  ...{ path: 'objects/a', size: 9, minTime: 1n, maxTime: 2n, rows: 3, rawBytes: 4, created: 5 },
  sections: [{ index: 0, minTime: 1n, maxTime: 2n, rows: 3, bytes: 4 }],
  source: { writer: 'w', fromSeq: 1, toSeq: 2 },
};
const TOC = encodeToc([ENTRY, { ...ENTRY, path: 'objects/b' }]);

export const toc: FuzzTarget = {
  name: 'toc',
  weight: 0.5,
  attempt(random) {
    const bytes = mutatedBytes(random, TOC);
    // With a matching checksum, half of the time, or nothing behind it would ever be read.
    if (bytes.length >= 12 && random.chance(0.5)) bytes.writeUInt32LE(crc32(bytes.subarray(12)), 4);
    return accepts(() => decodeToc(bytes, 'x.toc'), isCorrupt);
  },
};

const SEGMENT = walSegment();

function walSegment(): Buffer {
  const parts: Buffer[] = [];
  let offset = 0;
  for (let seq = 1; seq <= 5; seq++) {
    const payload = Buffer.alloc(20 * seq, `record ${seq} `);
    parts.push(encodeHeader({ seq, payload }, offset), payload);
    offset += parts.at(-2)!.length + payload.length;
  }
  return Buffer.concat(parts);
}

/** Damage is reported, never thrown; records and damage together are no more than the segment. */
export const wal: FuzzTarget = {
  name: 'wal',
  weight: 1,
  attempt(random) {
    const bytes = random.chance(0.1) ? randomBytes(random, 300) : mutatedBytes(random, SEGMENT);
    const reading = readSegment(bytes);
    let read = 0;
    let next = reading.next();
    for (; !next.done; next = reading.next()) read += next.value.payload.length;
    const lost = next.value.reduce((sum, damage) => sum + damage.bytes, 0);
    if (read + lost > bytes.length) throw new TypeError(`${read} bytes read and ${lost} lost of ${bytes.length}`);
    return read > 0;
  },
};
