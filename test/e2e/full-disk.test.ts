import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BASE, type PushStream, waitFor } from '../support/client.js';
import { type Server, startServer, temporaryFolder } from '../support/server.js';

const DISK_BYTES = 24 * 1024 * 1024;
const LINES = 200;

const folder = temporaryFolder('skald-full-');
const refusal = mountSmallDisk();

/** Mounts a small file system over the folder; says why where that is not allowed. */
function mountSmallDisk(): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

if (refusal !== undefined) console.warn(`FULL DISK NOT TESTED: a tmpfs may not be mounted here: ${refusal}`);

afterAll(() => {
  if (refusal === undefined) execFileSync('umount', ['--lazy', folder]);
});

function batch(n: number): PushStream {
  const entries = Array.from({ length: LINES }, (_, i) => ({
    time: BASE + BigInt(n * LINES + i) * 1_000_000n,
    line: `batch ${n} line ${i} ${Math.sin(n * LINES + i)}`,
  }));
  return { labels: { app: 'full', part: String(n % 3) }, entries };
}

/** Takes all but the last `left` bytes of the disk. */
function fill(left: number): void {
  const { bavail, bsize } = statfsSync(folder);
  appendFileSync(join(folder, 'filler'), Buffer.alloc(Math.max(bavail * bsize - left, 0)));
}

/** Pushes until a push is refused; returns the number of the refused batch. */
async function pushUntilRefused({ client }: Server, first: number): Promise<number> {
  for (let n = first; ; n++) {
    const { status, body, headers } = await client.tryPush([batch(n)]);
    if (status === 204) continue;
    expect({ status, body }).toEqual({ status: 507, body: expect.stringMatching(/disk|space/) });
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    return n;
  }
}

/** Every acknowledged batch is there once; a refused one may not be there in part. */
async function check({ client }: Server, acknowledged: number): Promise<void> {
  expect(await client.count('{app="full"}')).toBe(acknowledged * LINES);
  const lines = (await client.all('{app="full"}')).map(({ line }) => line.split(' ').slice(0, 4).join(' '));
  const expected = Array.from(
    { length: acknowledged * LINES },
    (_, i) => `batch ${Math.floor(i / LINES)} line ${i % LINES}`,
  );
  expect(lines).toEqual(expected);
}

describe.skipIf(refusal !== undefined)('a full disk', () => {
  it('refuses pushes with 507, keeps what was acknowledged, and works again without a restart', async () => {
    const settings = [
      'ingester.wal.segment_size=1MB',
      'ingester.flush_bytes=512KB',
      'ingester.flush_check_period=100ms',
    ];
    const server = await startServer({ data: join(folder, 'data'), settings });
    const { client } = server;
    await client.push([batch(0)]);

    fill(300_000);
    let next = await pushUntilRefused(server, 1);
    expect(next).toBeGreaterThan(1);
    // Nothing is left for objects either: a flush fails, and loses nothing.
    fill(0);
    const flush = await client.request('/flush', { method: 'POST' });
    expect(flush.status).toBeGreaterThanOrEqual(500);
    expect(await client.tryPush([batch(next)])).toMatchObject({ status: 507 });
    await check(server, next);
    expect(await client.get('/ready')).toMatchObject({ status: 200 });

    rmSync(join(folder, 'filler'));
    await waitFor('a push to be accepted again', async () => {
      const { status } = await client.tryPush([batch(next)]);
      return status === 204 ? true : undefined;
    });
    next++;
    for (let n = 0; n < 10; n++) await client.push([batch(next++)]);
    await check(server, next);

    await waitFor('what could not be flushed to be flushed', async () => {
      const { status } = await client.request('/flush', { method: 'POST' });
      return status === 204 ? true : undefined;
    });
    await check(server, next);
    await server.restart('SIGKILL');
    await check(server, next);
  }, 60_000);

  it('that is full at the start answers queries, refuses pushes, and takes them when there is room again', async () => {
    const server = await startServer({ data: join(folder, 'second') });
    for (let n = 0; n < 5; n++) await server.client.push([batch(n)]);
    await server.kill('SIGKILL');
    fill(0);
    await server.start();
    await check(server, 5);
    const refused = await pushUntilRefused(server, 5);
    rmSync(join(folder, 'filler'));
    await waitFor('a push to be accepted', async () => {
      const { status } = await server.client.tryPush([batch(refused)]);
      return status === 204 ? true : undefined;
    });
    await check(server, refused + 1);
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, 60_000);
});
