import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../../test/support/entries.js';
import { SimDisk } from '../../../../test/support/sim-disk.js';
import { encodeCopyHead } from '../../../storage/wal/copy-head.js';
import { digestName, draftName } from '../../../storage/wal/digest-file.js';
import type { WalRecord } from '../../../storage/wal/record.js';
import { type LogReader, type OpenedLog, walIn } from '../log.js';
import { loadFingerprint } from '../recent.js';
import { decodeDigest, encodeDigest } from './digest-codec.js';
import { segmentsInPlace } from './log-segments.js';

const reader: LogReader = { fingerprint: await loadFingerprint(), arrived: () => undefined, hasRoom: () => true };
/** Each of two groups of records; two of them are read at a start. */
const SETTINGS = { segmentBytesMax: 600, sparesMax: 1, unreadBytesMax: 1200 };

const record = (seq: number): WalRecord => {
  const streams = { '{app="a"}': [[seq, `one ${seq}`]], '{app="b"}': [[-seq, 'two']] } as const;
  return { seq, payload: new Uint8Array(entriesOf(streams).buffer) };
};

async function opened(disk: SimDisk, settings = SETTINGS): Promise<OpenedLog> {
  const log = await walIn(disk, settings, () => 0n)(reader);
  log.follow?.();
  return log;
}

/** As after a crash: nothing is closed in order. */
async function written(groups: number, make = record, disk = new SimDisk()): Promise<SimDisk> {
  const { log } = await opened(disk);
  for (let seq = 1; seq <= groups; seq++) await log.append([make(seq)]);
  for (let i = 0; i < 100; i++) await Promise.resolve();
  return disk;
}

const segments = (disk: SimDisk) => disk.names().filter((name) => name.endsWith('.wal'));
const digests = (disk: SimDisk) => disk.names().filter((name) => name.endsWith('.digest'));
const readBy = async (disk: SimDisk): Promise<readonly string[]> => {
  disk.log.length = 0;
  await walIn(disk, SETTINGS, () => 0n)(reader);
  return segments(disk).filter((name) => disk.log.includes(`read ${name}`));
};

async function replayed(log: OpenedLog): Promise<number[]> {
  const seqs: number[] = [];
  for await (const some of log.replay(log.segments.map(({ name }) => name))) seqs.push(...some.map(({ seq }) => seq));
  return seqs;
}

describe('digests of segments', () => {
  it('are kept of all but the newest, as much of a log as is to be read at a start', async () => {
    const disk = await written(12);
    const all = segments(disk);
    expect(all).toHaveLength(6);
    expect(digests(disk)).toEqual(all.slice(0, 3).map(digestName));
    expect(await readBy(disk)).toEqual(all.slice(3));
    expect(digests(await written(4))).toEqual([]);
  });

  it('say what reading the segments says', async () => {
    const disk = await written(12);
    const { segments: found, records, bytes, lastSeq, damage } = await opened(disk);
    for (const name of digests(disk)) await disk.remove(name);
    expect(await opened(disk)).toMatchObject({ segments: found, records, bytes, lastSeq, damage });
    expect(records).toBe(12);
  });

  it('are kept of what a start had to read', async () => {
    const disk = await written(12);
    for (const name of digests(disk)) await disk.remove(name);
    const { log } = await opened(disk);
    disk.log.length = 0;
    for (let i = 0; i < 100; i++) await Promise.resolve();
    expect(digests(disk)).toEqual(segments(disk).slice(0, 4).map(digestName));
    expect(disk.log.filter((line) => line.startsWith('read'))).toEqual([]);
    await log.truncate(12);
    expect(disk.names().filter((name) => !name.startsWith('truncated'))).toEqual([]);
  });

  it('go with their segments, also when these are written over, and when the process died before they were whole', async () => {
    const disk = await written(12);
    const { log } = await opened(disk);
    await log.append([record(13)]);
    await log.append([record(14)]);
    await log.truncate(4);
    expect(digests(disk)).toEqual(segments(disk).slice(0, 2).map(digestName));
    const gone = segments(disk)[0]!;
    await disk.rename(digestName(gone), draftName(gone));
    await disk.remove(gone);
    await opened(disk);
    expect(disk.names().filter((name) => name.includes(gone))).toEqual([]);
  });

  it('are not used where part of the segment was truncated away', async () => {
    const disk = await written(12);
    const { log } = await opened(disk);
    await log.truncate(1);
    const all = segments(disk);
    expect(await readBy(disk)).toEqual([all[0], ...all.slice(4)]);
    expect((await opened(disk)).records).toBe(11);
  });

  it('are not kept of replicated parts, whose log must be known to be whole', async () => {
    const head = (seq: number) => encodeCopyHead({ origin: 'o', seq, owner: 'one', replicas: ['two'] });
    const disk = await written(12, (seq) => ({ ...record(seq), head: head(seq) }));
    expect([segments(disk).length > 3, digests(disk)]).toEqual([true, []]);
  });

  it('are not kept of damaged segments, nor used when they are damaged themselves', async () => {
    const disk = await written(12);
    const [first, second, third] = segments(disk) as [string, string, string];
    disk.flip(digestName(first), 40);
    disk.flip(first, 100);
    disk.flip(digestName(second), 40);
    expect((await readBy(disk)).slice(0, 2)).toEqual([first, second]);
    await opened(disk);
    for (let i = 0; i < 100; i++) await Promise.resolve();
    expect(digests(disk)).toContain(digestName(third));
    expect(disk.names()).not.toContain(draftName(first));
    const { damage } = await opened(disk);
    expect(damage).toMatchObject([{ segment: first, kind: 'corrupt' }]);
  });

  it('hide no damage: it is found when the segment is read, and read again at the next start', async () => {
    const disk = await written(12);
    const [first, second] = segments(disk) as [string, string];
    disk.flip(first, 100);
    disk.put(second, disk.bytes(second).subarray(0, disk.bytes(second).length / 2));
    const log = await opened(disk);
    expect(log.damage).toEqual([]);
    expect(await replayed(log)).toEqual([2, 3, 5, 6, 7, 8, 9, 10, 11, 12].filter((seq) => seq !== 4));
    expect(log.damage.map(({ segment }) => segment)).toEqual([first, second]);
    expect(digests(disk)).not.toContain(digestName(first));
    const again = await opened(disk);
    expect([again.isDoubtful, again.damage[0]!.segment]).toEqual([true, first]);
    await again.log.truncate(12);
    expect(disk.names()).toContain(`${first}.damaged`);
  });

  it('lose nothing when the process dies at any operation of the disk while they are kept', async () => {
    for (let at = 0; ; at++) {
      const disk = await written(8);
      let left = at;
      disk.fault = () => (left-- > 0 ? undefined : 'EIO');
      const { log } = await walIn(disk, SETTINGS, () => 0n)(reader).catch(() => ({ log: null }));
      for (let seq = 9; log && seq <= 14; seq++) await log.append([record(seq)]).catch(() => undefined);
      for (let i = 0; i < 100; i++) await Promise.resolve();
      const found = await replayed(await opened(disk.crash()));
      expect(found.slice(0, 8), `after ${at} operations`).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      if (left > 0) break;
    }
  });

  it('of another version are as good as none', async () => {
    const read = await segmentsInPlace(await written(2), reader.fingerprint).digest(segments(await written(2))[0]!);
    const encoded = encodeDigest(read);
    const { name, damage, ...whole } = read;
    expect(decodeDigest(encoded)).toMatchObject(whole);
    const other = Buffer.from(encoded);
    other[other.indexOf('version') + 'version'.length] = 2;
    expect(decodeDigest(other)).toBeNull();
    expect(decodeDigest(encoded.subarray(0, 50))).toBeNull();
  });
});
