import { decodeFrame, encodeFrame } from '../../../src/wire/arrow-frame.js';
import { openEntries } from '../../../src/wire/entries.js';
import { entriesOf } from '../../support/entries.js';
import { mutatedBytes, randomBytes } from '../mutate.js';
import { accepts, type FuzzTarget } from '../target.js';

const BATCH = entriesOf({
  '{app="a"}': [
    [1n, 'first line', { trace: 'x', level: 'info' }],
    [2n, 'é'],
  ],
  '{app="b"}': [
    [3n, ''],
    [4n, 'last', { trace: 'y' }],
  ],
});
const BATCH_BYTES = new Uint8Array(BATCH.buffer).slice();

/** Bytes are an entries batch whose every column can be read, or a RangeError. */
export const entries: FuzzTarget = {
  name: 'entries',
  weight: 1,
  attempt(random) {
    const bytes = random.chance(0.05) ? randomBytes(random, 200) : mutatedBytes(random, BATCH_BYTES);
    const buffer = new SharedArrayBuffer(bytes.length);
    new Uint8Array(buffer).set(bytes);
    return accepts(
      () => openEntries(buffer),
      (error) => error instanceof RangeError,
    );
  },
};

const FRAME = encodeFrame({
  kind: 'rows',
  rows: 3,
  attributes: { base: '5' },
  columns: [
    { name: 'ids', type: 'int32', values: Int32Array.of(1, 2, 3) },
    { name: 'values', type: 'float64', values: Float64Array.of(1, 2.5, Number.NaN) },
    { name: 'time', type: 'timestamp', values: BigInt64Array.of(1n, 2n, 3n) },
    { name: 'text', type: 'utf8', offsets: Int32Array.of(0, 1, 3, 6), bytes: Buffer.from('abcdef') },
    { name: 'labels', type: 'dictionary', ids: Int32Array.of(0, 1, 0), values: ['x', 'y'] },
  ],
});

/**
 * Frames come from our own workers, and apache-arrow believes what their flatbuffers say, so those stay as they are: a
 * frame is cut off somewhere, or holds other values. Any error will do, but no hang and no growth.
 */
export const frame: FuzzTarget = {
  name: 'arrow-frame',
  weight: 0.3,
  attempt(random) {
    const bytes = Buffer.from(FRAME.subarray(0, FRAME.length - random.below(random.pick([1, FRAME.length]))));
    const values = bytes.subarray(bytes.lastIndexOf('abcdef'));
    for (let changes = random.below(20); changes > 0 && values.length > 0; changes--) {
      values[random.below(values.length)] = random.below(256);
    }
    return accepts(
      () => decodeFrame(bytes),
      () => true,
    );
  },
};
