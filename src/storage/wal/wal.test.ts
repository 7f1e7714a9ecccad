import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { SimDisk } from '../../../test/support/sim-disk.js';
import { FaultError } from '../../wire/fault.js';
import { HEADER_BYTES } from './record.js';
import type { Recovery } from './recovery.js';
import { segmentName } from './segment.js';
import { segmentsOf as readingSegments } from './segments.js';
import { Wal } from './wal.js';

const SETTINGS = { segmentBytesMax: 300, sparesMax: 0 };
const REUSING = { ...SETTINGS, sparesMax: 2 };
const FIRST = segmentName({ firstSeq: 1, afterSeq: 0 });

interface Opened {
  wal: Wal;
  recovery: Recovery<unknown>;
  seqs: number[];
  texts: string[];
}

async function open(disk: SimDisk, settings = SETTINGS): Promise<Opened> {
  const seqs: number[] = [];
  const texts: string[] = [];
  const reading = readingSegments(disk, (records) => {
    for (const { seq, payload } of records) {
      seqs.push(seq);
      texts.push(Buffer.from(payload).toString());
    }
  });
  const { wal, recovery } = await Wal.open(disk, settings, reading);
  return { wal, recovery, seqs, texts };
}

const record = (seq: number, text = `record ${seq}`) => ({ seq, payload: Buffer.from(text) });
const segmentsOf = (disk: SimDisk) => disk.names().filter((name) => name.endsWith('.wal'));

async function refusal(work: Promise<void>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof FaultError ? error.fault.code : 'nothing';
}

describe('the write-ahead log', () => {
  it('gives back after a crash every record whose append had resolved', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1), record(2)]);
    await wal.append([record(3)]);
    const { texts, recovery } = await open(disk.crash());
    expect(texts).toEqual(['record 1', 'record 2', 'record 3']);
    expect(recovery).toMatchObject({ lastSeq: 3, records: 3, damage: [] });
  });

  it('writes a group with one write and one sync', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1)]);
    disk.log.length = 0;
    await wal.append([record(2), record(3), record(4)]);
    expect(disk.log).toEqual([`write ${FIRST}`, `sync ${FIRST}`]);
  });

  it('syncs the folder before it acknowledges the first record of a segment', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    disk.log.length = 0;
    await wal.append([record(1)]);
    expect(disk.log.map((line) => line.split(' ')[0])).toEqual(['create', 'syncFolder', 'write', 'sync']);
  });

  it('never appends to a segment that it found', async () => {
    const disk = new SimDisk();
    await (await open(disk)).wal.append([record(1)]);
    const torn = disk.crash();
    torn.put(FIRST, torn.bytes(FIRST).subarray(0, -HEADER_BYTES - 3));
    const again = await open(torn);
    expect(again.recovery.damage).toMatchObject([{ kind: 'torn', segment: FIRST }]);
    await again.wal.append([record(again.recovery.lastSeq + 1, 'new')]);
    expect((await open(torn.crash())).texts).toEqual(['new']);
  });

  it('gives back the records of segments that an earlier version has written', async () => {
    const disk = new SimDisk();
    await (await open(disk)).wal.append([record(1), record(2)]);
    const old = new SimDisk();
    old.put('wal-0000000000000001.wal', disk.bytes(FIRST));
    const { wal, texts, recovery } = await open(old);
    expect(texts).toEqual(['record 1', 'record 2']);
    expect(recovery).toMatchObject({ lastSeq: 2, damage: [] });
    await wal.append([record(3)]);
    expect((await open(old.crash())).texts).toEqual(['record 1', 'record 2', 'record 3']);
    await wal.truncate(2);
    expect(segmentsOf(old)).toEqual([segmentName({ firstSeq: 3, afterSeq: 2 })]);
  });

  it('starts a new segment at its bound and lets a group larger than a segment have one of its own', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1, 'x'.repeat(200))]);
    await wal.append([record(2, 'x'.repeat(200))]);
    await wal.append([record(3, 'x'.repeat(900))]);
    await wal.append([record(4)]);
    expect(segmentsOf(disk).map((name) => Number(name.slice(4, 20)))).toEqual([1, 2, 3, 4]);
    expect((await open(disk.crash())).seqs).toEqual([1, 2, 3, 4]);
  });

  it('forgets what was truncated, even where the segment is still there', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1)]);
    await wal.append([record(2)]);
    await wal.rotate();
    await wal.append([record(3)]);
    disk.fault = (operation) => (operation === 'remove' ? 'EIO' : undefined);
    await wal.truncate(2);
    expect(segmentsOf(disk)).toHaveLength(2);
    const again = await open(disk.crash());
    expect(again.seqs).toEqual([3]);
    await again.wal.truncate(2);
    expect(segmentsOf(disk)).toHaveLength(2);
  });

  it('removes no segment before the mark that covers it is durable', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1)]);
    await wal.rotate();
    disk.fault = (operation) => (operation === 'syncFolder' ? 'EIO' : undefined);
    await wal.truncate(1);
    await wal.truncate(1);
    expect((await open(disk.crash())).seqs).toEqual([1]);
    disk.fault = () => undefined;
    await wal.truncate(1);
    expect((await open(disk.crash())).seqs).toEqual([]);
    expect(segmentsOf(disk)).toEqual([]);
  });

  it('opens on a disk that takes nothing, and marks what it truncates when it can', async () => {
    const disk = new SimDisk();
    disk.fault = (operation) => (operation === 'create' ? 'ENOSPC' : undefined);
    const { wal } = await open(disk);
    expect(await refusal(wal.append([record(1)]))).toBe('storage-full');
    disk.fault = () => undefined;
    await wal.append([record(2)]);
    await wal.truncate(2);
    expect((await open(disk.crash())).recovery).toMatchObject({ truncatedSeq: 2, records: 0 });
  });

  it('removes segments that hold nothing above the mark, and continues numbering when all are gone', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1), record(2)]);
    await wal.rotate();
    await wal.append([record(3)]);
    await wal.truncate(2);
    expect(segmentsOf(disk)).toEqual([segmentName({ firstSeq: 3, afterSeq: 2 })]);
    await wal.rotate();
    await wal.truncate(3);
    expect(segmentsOf(disk)).toEqual([]);
    expect((await open(disk.crash())).recovery.lastSeq).toBe(3);
  });

  it('refuses a group on a full disk, keeps what it had, and works again when there is space', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1)]);
    disk.capacity = disk.used() + 30;
    expect(await refusal(wal.append([record(2)]))).toBe('storage-full');
    expect(await refusal(wal.append([record(3, 'y'.repeat(500))]))).toBe('storage-full');
    expect((await open(disk.crash())).texts).toEqual(['record 1']);
    disk.capacity = Number.POSITIVE_INFINITY;
    await wal.append([record(4)]);
    expect((await open(disk.crash())).seqs).toEqual([1, 4]);
    expect(wal.observe()).toMatchObject({ diskFullFailures: 2, writeFailures: 0, recordsLogged: 2 });
  });

  it.each(['create', 'syncFolder', 'write', 'sync', 'truncate'] as const)(
    'survives a %s that fails, alone or with the clean-up after it',
    async (failing) => {
      for (const cleanup of [false, true]) {
        const disk = new SimDisk();
        const { wal } = await open(disk);
        await wal.append([record(1)]);
        if (failing === 'create' || failing === 'syncFolder') await wal.rotate();
        let broken = true;
        disk.fault = (operation) => {
          const also = cleanup && (operation === 'truncate' || operation === 'remove' || operation === 'close');
          const instead = failing === 'truncate' && operation === 'write';
          return broken && (operation === failing || also || instead) ? 'EIO' : undefined;
        };
        expect(await refusal(wal.append([record(2)]))).toBe('storage-full');
        broken = false;
        await wal.append([record(3)]);
        const { seqs, recovery } = await open(disk.crash(new SeededRandom(1).unit));
        expect(seqs.filter((seq) => seq !== 2)).toEqual([1, 3]);
        expect(recovery.damage.filter((one) => one.kind !== 'torn')).toEqual([]);
      }
    },
  );

  it('reports a segment that cannot be read and starts all the same', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1)]);
    await wal.rotate();
    await wal.append([record(2)]);
    disk.fault = (operation, name) => (operation === 'read' && name === FIRST ? 'EIO' : undefined);
    const again = await open(disk);
    expect(again.seqs).toEqual([2]);
    expect(again.recovery.damage).toMatchObject([{ kind: 'unreadable', segment: FIRST }]);
  });

  it('tells a rotten last record from one that was never written whole when the same life goes on behind it', async () => {
    const disk = new SimDisk();
    const { wal } = await open(disk);
    await wal.append([record(1), record(2)]);
    await wal.rotate();
    await wal.append([record(3)]);
    const headerOfSecond = HEADER_BYTES + 'record 1'.length;
    disk.flip(FIRST, headerOfSecond);
    const { seqs, recovery } = await open(disk);
    expect(seqs).toEqual([1, 3]);
    expect(recovery.damage).toMatchObject([
      { kind: 'corrupt', segment: FIRST, offset: headerOfSecond, bytes: 32 + HEADER_BYTES },
    ]);
    expect(recovery.segments.map(({ damaged }) => damaged)).toEqual([true, false]);
  });

  it('misses records at the end of a segment that has become shorter, by a whole record or all of it', async () => {
    for (const left of [HEADER_BYTES + 'record 1'.length, 0]) {
      const disk = new SimDisk();
      const { wal } = await open(disk);
      await wal.append([record(1), record(2)]);
      await wal.rotate();
      await wal.append([record(3)]);
      disk.put(FIRST, disk.bytes(FIRST).subarray(0, left));
      expect((await open(disk)).recovery.damage).toMatchObject([{ kind: 'corrupt', offset: left, bytes: 0 }]);
    }
  });

  it('takes the torn end that a crash left for no damage, whatever was written in later lives', async () => {
    let disk = new SimDisk();
    await (await open(disk)).wal.append([record(1), record(2)]);
    disk = disk.crash();
    disk.put(FIRST, disk.bytes(FIRST).subarray(0, -HEADER_BYTES - 3));
    await (await open(disk)).wal.append([record(3)]);
    disk = disk.crash();
    const { wal } = await open(disk);
    await wal.append([record(4)]);
    await wal.rotate();
    await wal.append([record(5)]);
    const { seqs, recovery } = await open(disk.crash());
    expect([seqs, recovery.damage.map(({ kind }) => kind)]).toEqual([[1, 3, 4, 5], ['torn']]);
  });

  it('sets a damaged segment aside instead of deleting it', async () => {
    const disk = new SimDisk();
    await (await open(disk)).wal.append([record(1), record(2)]);
    disk.flip(FIRST, 26);
    const again = await open(disk);
    expect(again.seqs).toEqual([2]);
    await again.wal.truncate(2);
    expect(disk.names()).toEqual(['truncated-0000000000000002.doubtful', `${FIRST}.damaged`]);
    expect((await open(disk)).recovery).toMatchObject({ lastSeq: 2, records: 0, damage: [] });
  });

  it('is in doubt when it is new or was damaged, crash after crash, until it is trusted', async () => {
    let disk = new SimDisk();
    const reopened = async () => {
      disk = disk.crash();
      return open(disk);
    };
    await (await open(disk)).wal.append([record(1), record(2)]);
    const { wal, recovery } = await reopened();
    expect(recovery.isDoubtful).toBe(true);
    await wal.trust();
    expect((await reopened()).recovery.isDoubtful).toBe(false);
    disk.flip(FIRST, 26);
    await (await reopened()).wal.truncate(2);
    await disk.syncFolder();
    const later = await reopened();
    expect([later.recovery.isDoubtful, later.recovery.damage]).toEqual([true, []]);
    await later.wal.trust();
    expect((await reopened()).recovery.isDoubtful).toBe(false);
  });

  it.each([SETTINGS, REUSING])(
    'loses nothing acknowledged over random faults, crashes and truncations: %o',
    async (settings) => {
      for (let seed = 1; seed <= 150; seed++) {
        const random = new SeededRandom(seed);
        let disk = new SimDisk();
        let { wal, recovery } = await open(disk, settings);
        let seq = recovery.lastSeq;
        let forgotten = 0;
        const acknowledged = new Set<number>();
        for (let i = 0; i < 30; i++) {
          disk.fault = () => (random.chance(0.05) ? random.pick(['EIO', 'ENOSPC']) : undefined);
          disk.capacity = random.chance(0.2) ? disk.used() + random.below(80) : Number.POSITIVE_INFINITY;
          const group = Array.from({ length: 1 + random.below(3) }, () => record(++seq));
          if ((await refusal(wal.append(group))) === 'nothing') for (const one of group) acknowledged.add(one.seq);
          if (random.chance(0.1)) await wal.rotate();
          if (random.chance(0.1)) {
            const mark = random.below(seq);
            const failures = wal.observe().truncateFailures;
            await wal.truncate(mark);
            if (wal.observe().truncateFailures === failures) forgotten = Math.max(forgotten, mark);
            for (const one of acknowledged) if (one <= mark) acknowledged.delete(one);
          }
          if (!random.chance(0.2)) continue;
          disk = disk.crash(random.unit);
          const again = await open(disk, settings);
          expect(
            again.seqs.filter((one) => acknowledged.has(one)),
            `seed ${seed}`,
          ).toEqual([...acknowledged]);
          expect(again.seqs.every((one) => one > forgotten)).toBe(true);
          expect(new Set(again.seqs).size).toBe(again.seqs.length);
          expect(again.recovery.lastSeq).toBeGreaterThanOrEqual(Math.max(0, ...acknowledged));
          ({ wal, recovery } = again);
          seq = recovery.lastSeq;
        }
      }
    },
  );
});

describe('a write-ahead log that reuses segments', () => {
  const sparesOf = (disk: SimDisk) => disk.names().filter((name) => name.endsWith('.spare'));

  /** With two records in each of some segments, of which all but the last are truncated away. */
  async function used(segments: number, text = 'used'): Promise<{ disk: SimDisk; wal: Wal; left: number[] }> {
    const disk = new SimDisk();
    const { wal } = await open(disk, REUSING);
    for (let seq = 1; seq < 2 * segments; seq += 2) {
      await wal.append([record(seq, text), record(seq + 1, text)]);
      await wal.rotate();
    }
    await wal.truncate(2 * segments - 2);
    return { disk, wal, left: [2 * segments - 1, 2 * segments] };
  }

  it('writes over what is no longer needed, keeps a bounded number of it, and reads none of it again', async () => {
    const { disk, wal, left } = await used(5);
    expect([segmentsOf(disk).length, sparesOf(disk).length, wal.observe().spares]).toEqual([1, 2, 2]);
    disk.log.length = 0;
    await wal.append([record(20, 'new')]);
    const operations = disk.log.map((line) => line.split(' ')[0]);
    expect(operations).toEqual(['rename', 'overwrite', 'syncFolder', 'write', 'sync']);
    expect([segmentsOf(disk).length, sparesOf(disk).length]).toEqual([2, 1]);
    const { seqs, texts, recovery } = await open(disk.crash(), REUSING);
    expect([seqs, texts.at(-1), recovery.damage]).toEqual([[...left, 20], 'new', []]);
  });

  it('takes records on a full disk as long as there is something to write over', async () => {
    const { disk, wal, left } = await used(3, 'x'.repeat(60));
    disk.capacity = disk.used();
    await wal.append([record(20)]);
    expect((await open(disk.crash(), REUSING)).seqs).toEqual([...left, 20]);
  });

  it('finds what waits to be written over after a crash, and gives it up where less is to be kept', async () => {
    const { disk, left } = await used(5);
    await disk.syncFolder();
    const again = await open(disk.crash(), REUSING);
    expect([again.seqs, again.wal.observe().spares]).toEqual([left, 2]);
    const { wal } = await open(disk.crash(), SETTINGS);
    await wal.truncate(0);
    expect(wal.observe().spares).toBe(0);
  });

  it('writes over no segment that it found', async () => {
    const disk = new SimDisk();
    await (await open(disk, REUSING)).wal.append([record(1)]);
    const found = disk.crash();
    await (await open(found, REUSING)).wal.truncate(1);
    expect([segmentsOf(found), sparesOf(found)]).toEqual([[], []]);
  });

  it.each(['rename', 'overwrite', 'syncFolder', 'write', 'sync'] as const)(
    'survives a %s that fails where it begins to write over a segment',
    async (failing) => {
      const { disk, wal, left } = await used(4);
      let isBroken = true;
      disk.fault = (operation) => (isBroken && operation === failing ? 'EIO' : undefined);
      expect(await refusal(wal.append([record(20)]))).toBe(failing === 'rename' ? 'nothing' : 'storage-full');
      isBroken = false;
      await wal.append([record(30)]);
      const { seqs, recovery } = await open(disk.crash(new SeededRandom(3).unit), REUSING);
      expect(seqs.filter((seq) => seq !== 20)).toEqual([...left, 30]);
      expect(recovery.damage.filter((one) => one.kind !== 'torn')).toEqual([]);
    },
  );
});
