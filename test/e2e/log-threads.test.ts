/** A log read on threads: what is built runs in threads of its own, which sources cannot. */
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogSegments } from '../../src/actors/ingester/logged/log-segments.js';
import { segmentsInPlace } from '../../src/actors/ingester/logged/log-segments.js';
import type * as Threads from '../../src/actors/ingester/logged/log-segments-piscina.js';
import { loadFingerprint } from '../../src/actors/ingester/recent.js';
import { NodeDisk } from '../../src/storage/disk-node.js';
import { HEADER_BYTES } from '../../src/storage/wal/record.js';
import { Wal } from '../../src/storage/wal/wal.js';
import { entriesOf } from '../support/entries.js';

const path = fileURLToPath(new URL('../../dist/actors/ingester/logged/log-segments-piscina.js', import.meta.url));
const { segmentsOnThreads } = (await import(path)) as typeof Threads;
const fingerprint = await loadFingerprint();

const RECORDS = 60;
const PER_SEGMENT = 5;
const payload = (seq: number) => new Uint8Array(entriesOf({ '{app="a"}': [[seq, `record ${seq + 10}`]] }).buffer);
const PAYLOAD_BYTES = payload(1).length;
const SETTINGS = { segmentBytesMax: PER_SEGMENT * (HEADER_BYTES + PAYLOAD_BYTES), sparesMax: 0 };

let folder: string;
let disk: NodeDisk;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skald-log-'));
  disk = await NodeDisk.open(folder);
  const { wal } = await Wal.open(disk, SETTINGS, segmentsInPlace(disk, fingerprint).records);
  for (let seq = 1; seq <= RECORDS; seq++) {
    await wal.append([{ seq, payload: payload(seq) }]);
  }
  await wal.close();
});

afterEach(() => rm(folder, { recursive: true }));

const onThreads = (count: number, filename?: string): LogSegments =>
  segmentsOnThreads(disk, count, fingerprint, filename);

/** What is found by looking at segments, and by reading their records. */
async function recovered(reading: LogSegments = segmentsInPlace(disk, fingerprint)) {
  const digests = await Wal.open(disk, SETTINGS, reading.digests);
  const records = await Wal.open(disk, SETTINGS, reading.records);
  await reading.close();
  return { digests: digests.recovery, records: records.recovery.made.flatMap(({ made }) => made), ...records };
}

const segments = async (): Promise<string[]> =>
  (await readdir(folder))
    .filter((name) => name.endsWith('.wal'))
    .sort()
    .map((name) => join(folder, name));

test('threads find every record, in order and each in memory of its own', async () => {
  const { records, digests } = await recovered(onThreads(2));
  expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: RECORDS }, (_, i) => i + 1));
  expect({ records, digests }).toEqual(pick(await recovered(onThreads(3))));
  expect({ records, digests }).toEqual(pick(await recovered()));
  for (const one of records) {
    expect(one.payload.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(one.payload.buffer.byteLength).toBe(one.payload.length);
  }
  expect(new Set(records.map((one) => one.payload.buffer)).size).toBe(RECORDS);
});

test('threads that have ended are started again', async () => {
  const reading = onThreads(1);
  const [name] = (await segments()).map((one) => one.split('/').at(-1)!);
  const read = async () => (await reading.read(name!, 0, PER_SEGMENT)).made.map(({ seq }) => seq);
  expect(await read()).toEqual([1, 2, 3, 4, 5]);
  await reading.close();
  expect(await read()).toEqual([1, 2, 3, 4, 5]);
  await reading.close();
});

test('threads read a segment as a whole that has not the records it had', async () => {
  const [path] = await segments();
  const name = path!.split('/').at(-1)!;
  const reading = onThreads(1);
  const numbers = async (afterSeq: number, count: number) => {
    const { made, damage, lastSeq, records } = await reading.read(name, afterSeq, count);
    expect([lastSeq, records]).toEqual([PER_SEGMENT, made.length]);
    return [made.map(({ seq }) => seq), damage.length];
  };
  const whole = await reading.read(name, 2, 3);
  expect(whole).toMatchObject({ lastSeq: 5, records: 3, payloadBytes: 3 * PAYLOAD_BYTES, damage: [] });
  expect(whole.made.map(({ seq, payload: bytes }) => [seq, bytes])).toEqual(
    [3, 4, 5].map((seq) => [seq, payload(seq)]),
  );
  expect(await numbers(0, 4)).toEqual([[1, 2, 3, 4, 5], 0]);
  const bytes = await readFile(path!);
  bytes[2 * (HEADER_BYTES + PAYLOAD_BYTES) - 9]! ^= 1;
  await writeFile(path!, bytes);
  expect(await numbers(0, 5)).toEqual([[1, 3, 4, 5], 1]);
  await rm(path!);
  expect((await reading.read(name, 0, 5)).damage).toMatchObject([{ kind: 'unreadable' }]);
  await reading.close();
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
  const found = await recovered(onThreads(2));
  expect(pick(found)).toEqual(pick(await recovered()));
  // One payload, one header, the end of two segments; of a folder nobody says that it is a segment.
  expect(found.records).toHaveLength(RECORDS - 1 - 1 - 3 - PER_SEGMENT - 3);
  expect(found.digests.damage).toHaveLength(4);
});

test('a log of few segments is read, too', async () => {
  for (const one of (await segments()).slice(3)) await rm(one);
  const { records } = await recovered(onThreads(2));
  expect(records).toHaveLength(3 * PER_SEGMENT);
});

test('what threads cannot do is done without them', async () => {
  const nowhere = { folder: '/dev/null/nowhere', read: (name: string, into?: Buffer) => disk.read(name, into) };
  const reading = segmentsOnThreads(Object.assign(Object.create(disk), nowhere), 2, fingerprint);
  const { records } = await recovered(reading);
  expect(records).toHaveLength(RECORDS);
});

test('without threads that work the log is read all the same', async () => {
  const nowhere = new URL('./no-such-module.js', import.meta.url).href;
  expect(pick(await recovered(onThreads(2, nowhere)))).toEqual(pick(await recovered()));
});

const pick = ({ records, digests }: Awaited<ReturnType<typeof recovered>>) => ({ records, digests });
