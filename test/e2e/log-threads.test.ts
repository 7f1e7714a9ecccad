/** A log read on threads: what is built runs in threads of its own, which sources cannot. */
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeDisk } from '../../src/storage/disk-node.js';
import { HEADER_BYTES, type WalRecord } from '../../src/storage/wal/record.js';
import type { ReadSegments } from '../../src/storage/wal/segments.js';
import type * as Threads from '../../src/storage/wal/segments-piscina.js';
import { Wal } from '../../src/storage/wal/wal.js';

const path = fileURLToPath(new URL('../../dist/storage/wal/segments-piscina.js', import.meta.url));
const { segmentsOnThreads } = (await import(path)) as typeof Threads;

const RECORDS = 60;
const PER_SEGMENT = 5;
const PAYLOAD_BYTES = 100;
const SETTINGS = { segmentBytesMax: PER_SEGMENT * (HEADER_BYTES + PAYLOAD_BYTES), sparesMax: 0 };

let folder: string;
let disk: NodeDisk;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skald-log-'));
  disk = await NodeDisk.open(folder);
  const { wal } = await Wal.open(disk, SETTINGS, () => undefined);
  for (let seq = 1; seq <= RECORDS; seq++) {
    await wal.append([{ seq, payload: Buffer.alloc(PAYLOAD_BYTES, `record ${seq}, `) }]);
  }
  await wal.close();
});

afterEach(() => rm(folder, { recursive: true }));

async function recovered(read?: ReadSegments) {
  const records: string[] = [];
  const visit = ({ seq, payload }: WalRecord) => void records.push(`${seq} ${Buffer.from(payload).toString()}`);
  const { recovery } = await Wal.open(disk, SETTINGS, visit, read);
  return { records, recovery };
}

const segments = async (): Promise<string[]> =>
  (await readdir(folder))
    .filter((name) => name.endsWith('.wal'))
    .sort()
    .map((name) => join(folder, name));

test('threads find every record, in order and each in memory of its own', async () => {
  const { records } = await recovered(segmentsOnThreads(disk, 2));
  expect(records).toHaveLength(RECORDS);
  expect(await recovered()).toEqual(await recovered(segmentsOnThreads(disk, 3)));
  const buffers = new Set<ArrayBufferLike>();
  const visit = ({ payload }: WalRecord) => {
    expect(payload.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(payload.buffer.byteLength).toBe(payload.length);
    buffers.add(payload.buffer);
  };
  await Wal.open(disk, SETTINGS, visit, segmentsOnThreads(disk, 1));
  expect(buffers.size).toBe(RECORDS);
});

test('threads find the damage that is found without them', async () => {
  const [, flipped, lost, torn, unreadable, cut] = await segments();
  const bytes = await readFile(flipped!);
  bytes[2 * HEADER_BYTES + PAYLOAD_BYTES + 7]! ^= 1;
  await writeFile(flipped!, bytes);
  await writeFile(lost!, (await readFile(lost!)).fill(0x55, 0, HEADER_BYTES));
  await truncate(torn!, 3 * HEADER_BYTES + 2 * PAYLOAD_BYTES + 9);
  await rm(unreadable!);
  await mkdir(unreadable!);
  await truncate(cut!, 2 * (HEADER_BYTES + PAYLOAD_BYTES));
  const found = await recovered(segmentsOnThreads(disk, 2));
  expect(found).toEqual(await recovered());
  // One payload, one header, the end of two segments; of a folder nobody says that it is a segment.
  expect(found.records).toHaveLength(RECORDS - 1 - 1 - 3 - PER_SEGMENT - 3);
  expect(found.recovery.damage).toHaveLength(4);
});

test('a log of few segments is read, too', async () => {
  for (const one of (await segments()).slice(3)) await rm(one);
  const { records } = await recovered(segmentsOnThreads(disk, 2));
  expect(records).toHaveLength(3 * PER_SEGMENT);
});

test('what threads cannot do is done without them', async () => {
  const nowhere = { folder: '/dev/null/nowhere', read: (name: string, into?: Buffer) => disk.read(name, into) };
  const { records } = await recovered(segmentsOnThreads(Object.assign(Object.create(disk), nowhere), 2));
  expect(records).toHaveLength(RECORDS);
});

test('without threads that work the log is read all the same', async () => {
  const nowhere = new URL('./no-such-module.js', import.meta.url).href;
  expect(await recovered(segmentsOnThreads(disk, 2, nowhere))).toEqual(await recovered());
});
