import { constants, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeDisk } from './disk-node.js';
import { segmentsOf } from './wal/segments.js';
import { Wal } from './wal/wal.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skald-disk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function replay(): Promise<string[]> {
  const disk = await NodeDisk.open(folder);
  const texts = segmentsOf(disk, (records) => Array.from(records, ({ payload }) => Buffer.from(payload).toString()));
  const { wal, recovery } = await Wal.open(disk, { segmentBytesMax: 1 << 20, sparesMax: 0 }, texts);
  await wal.close();
  return recovery.made.flatMap(({ made }) => made);
}

describe('a folder of real files', () => {
  it('lists files only, in order, and refuses to create one twice', async () => {
    const disk = await NodeDisk.open(join(folder, 'made'));
    await NodeDisk.open(join(folder, 'made', 'inner'));
    await (await disk.create('b')).close();
    await (await disk.create('a')).close();
    expect(await disk.list()).toEqual(['a', 'b']);
    await expect(disk.create('a')).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it.runIf(process.platform === 'linux')('writes on Linux are their own sync', async () => {
    const file = await (await NodeDisk.open(folder)).create('f');
    const links = (await readdir('/proc/self/fd')).map(async (fd) => {
      const isIt = (await readlink(`/proc/self/fd/${fd}`).catch(() => '')) === join(folder, 'f');
      return isIt ? /flags:\s+(\d+)/.exec(await readFile(`/proc/self/fdinfo/${fd}`, 'utf8'))![1]! : '';
    });
    const [flags] = (await Promise.all(links)).filter((text) => text !== '');
    expect(Number.parseInt(flags!, 8) & constants.O_DSYNC).toBe(constants.O_DSYNC);
    await file.close();
  });

  it('writes many parts, also views of shared memory, and continues where a truncation ended', async () => {
    const disk = await NodeDisk.open(folder);
    const file = await disk.create('f');
    const parts = Array.from({ length: 3000 }, (_, i) => Buffer.from(`${i},`));
    await file.write(parts, 0);
    await file.write([new Uint8Array(0)], 4);
    await file.truncate(4);
    const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(0x78);
    await file.write([shared, Buffer.from('end')], 4);
    await file.sync();
    await file.close();
    expect((await disk.read('f')).toString()).toBe('0,1,xxxend');
  });

  it('writes over a file that is there, and leaves what comes behind', async () => {
    const disk = await NodeDisk.open(folder);
    await writeFile(join(folder, 'f'), 'old bytes');
    const file = await disk.overwrite('f');
    await file.write([Buffer.from('n'), Buffer.from('ew')], 0);
    await file.close();
    expect((await disk.read('f')).toString()).toBe('new bytes');
    await expect(disk.overwrite('missing')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('renames over and removes', async () => {
    const disk = await NodeDisk.open(folder);
    await writeFile(join(folder, 'old'), 'old');
    await writeFile(join(folder, 'new'), 'new');
    await disk.rename('old', 'new');
    await disk.syncFolder();
    expect((await disk.read('new')).toString()).toBe('old');
    await disk.remove('new');
    expect(await disk.list()).toEqual([]);
  });

  it('holds a write-ahead log that gives back shared memory byte for byte', async () => {
    const disk = await NodeDisk.open(folder);
    const nothing = segmentsOf(disk, () => null);
    const { wal } = await Wal.open(disk, { segmentBytesMax: 64, sparesMax: 0 }, nothing);
    const shared = Buffer.from(new SharedArrayBuffer(100)).fill('s');
    await Promise.all([
      wal.append([
        { seq: 1, payload: shared },
        { seq: 2, payload: Buffer.from('two') },
      ]),
      wal.append([{ seq: 3, payload: Buffer.from('three') }]),
    ]);
    expect(await replay()).toEqual(['s'.repeat(100), 'two', 'three']);
    await wal.truncate(2);
    expect(await replay()).toEqual(['three']);
    await wal.close();
    await wal.truncate(3);
    expect(await readdir(folder)).toEqual(['truncated-0000000000000003.doubtful']);
    await wal.trust();
    expect(await readdir(folder)).toEqual(['truncated-0000000000000003']);
  });
});
