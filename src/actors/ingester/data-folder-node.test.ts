import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolder, DataFolderInUse, DataFolderOfAnother } from './data-folder-node.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skald-data-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lockText = (number: number) => readlink(join(folder, `lock.${number}`));
const putLock = (number: number, text: string) => symlink(text, join(folder, `lock.${number}`));
/** As earlier versions have it. */
const putFile = (number: number, text: string) => writeFile(join(folder, `lock.${number}`), text);

describe('the data folder', () => {
  it('refuses a second opener and names the process that has it', async () => {
    const first = await DataFolder.open(folder);
    await expect(DataFolder.open(folder)).rejects.toEqual(new DataFolderInUse(folder, process.pid));
    await expect(DataFolder.open(folder)).rejects.toThrow(
      `${folder} is in use by process ${process.pid}: stop it first`,
    );
    await first.close();
    await (await DataFolder.open(folder)).close();
  });

  it('keeps the name of the instance, and leaves nothing else behind', async () => {
    const first = await DataFolder.open(join(folder, 'new', 'one'));
    await first.close();
    const second = await DataFolder.open(join(folder, 'new', 'one'));
    await second.close();
    expect(second.instance).toBe(first.instance);
    expect(second.instance).toMatch(/^[0-9a-z]{26}$/);
    expect(await readdir(second.path)).toEqual(['instance', 'lock.4']);
  });

  it('takes the name it is given at first, and refuses another one later', async () => {
    await (await DataFolder.open(folder, 'ingester-1.eu')).close();
    const again = await DataFolder.open(folder);
    expect(again.instance).toBe('ingester-1.eu');
    await again.close();
    await expect(DataFolder.open(folder, 'x')).rejects.toEqual(new DataFolderOfAnother(folder, 'ingester-1.eu', 'x'));
    await (await DataFolder.open(folder, 'ingester-1.eu')).close();
  });

  it.each([
    ['lock', putLock],
    ['lock of an earlier version', putFile],
  ])('refuses while the process of the %s lives, and takes over when it is gone', async (_, put) => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => null);
    const started = stat ? stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]! : 'running';
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    await put(1, JSON.stringify({ pid: child.pid, started, boot: boot.trim() }));
    await expect(DataFolder.open(folder)).rejects.toThrow(`in use by process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await DataFolder.open(folder)).close();
  });

  it('takes over a lock whose process id now belongs to another process', async () => {
    await putLock(1, JSON.stringify({ pid: process.pid, started: '1', boot: 'an earlier one' }));
    const taken = await DataFolder.open(folder);
    expect(JSON.parse(await lockText(2)).started).not.toBe('1');
    await taken.close();
  });

  it.each(['', 'not json', '{"pid":"x"}'])('takes over a lock that says %j', async (text) => {
    await putFile(7, text);
    await (await DataFolder.open(folder)).close();
  });

  it.each([1, 2, 3, 4, 5])('is given to one of many that want it at once (round %i)', async () => {
    await putLock(4, 'stale');
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => DataFolder.open(folder)));
    const winners = opened.filter((one) => one.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    await winners[0]!.value.close();
    expect(await readdir(folder)).toEqual(['instance', expect.stringMatching(/^lock\.\d+$/)]);
  });

  it('leaves a lock alone that is no longer its own', async () => {
    const opened = await DataFolder.open(folder);
    await putLock(2, 'of somebody else');
    await opened.close();
    expect(await lockText(2)).toBe('of somebody else');
  });
});
