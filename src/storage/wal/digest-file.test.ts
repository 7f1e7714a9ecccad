import { describe, expect, it } from 'vitest';
import { SimDisk } from '../../../test/support/sim-disk.js';
import { digestName, draftName, readDigest, writeDraft } from './digest-file.js';
import { segmentName } from './segment.js';

const SEGMENT = segmentName({ firstSeq: 1, afterSeq: 0 });
const BYTES = Buffer.from('what is in it');

async function kept(): Promise<SimDisk> {
  const disk = new SimDisk();
  await writeDraft(disk, SEGMENT, BYTES);
  await disk.rename(draftName(SEGMENT), digestName(SEGMENT));
  return disk;
}

describe('a digest of a segment', () => {
  it('is read as it was written', async () => {
    expect(await readDigest(await kept(), SEGMENT)).toEqual(BYTES);
    expect(await readDigest(new SimDisk(), SEGMENT)).toBeNull();
  });

  it('is none when it is cut at any byte, has one too many or any bit changed', async () => {
    const disk = await kept();
    const name = digestName(SEGMENT);
    const whole = disk.bytes(name);
    const changed = [...whole.keys()].flatMap((at) => [0, 7].map((bit) => flipped(whole, at, bit)));
    const cut = Array.from(whole.keys(), (length) => whole.subarray(0, length));
    for (const bytes of [...cut, Buffer.concat([whole, Buffer.of(0)]), ...changed]) {
      disk.put(name, bytes);
      expect(await readDigest(disk, SEGMENT)).toBeNull();
    }
  });

  it('is none of another segment', async () => {
    const disk = await kept();
    const other = segmentName({ firstSeq: 2, afterSeq: 1 });
    await disk.rename(digestName(SEGMENT), digestName(other));
    expect(await readDigest(disk, other)).toBeNull();
  });

  it('is none when the disk does not give it', async () => {
    const disk = await kept();
    disk.fault = () => 'EIO';
    expect(await readDigest(disk, SEGMENT)).toBeNull();
  });
});

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ (1 << bit);
  return copy;
}
