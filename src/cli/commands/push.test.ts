import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../test/support/cli.js';

type Answer = (attempt: number) => { readonly status: number; readonly body?: string; readonly retryAfter?: string };

interface Received {
  readonly tenant: string | undefined;
  readonly stream: Record<string, string>;
  readonly values: readonly (readonly [string, string])[];
}

const servers: Server[] = [];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skald-push-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that keeps what it is sent. */
async function receiver(answer: Answer = () => ({ status: 204 })): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  let attempts = 0;
  const server = createServer(async (request, response) => {
    const body = gunzipSync(Buffer.concat(await request.toArray())).toString();
    const { status, body: text = '' } = answer(attempts++);
    if (status === 204) {
      const { stream, values } = JSON.parse(body).streams[0];
      received.push({ tenant: request.headers['x-scope-orgid'] as string | undefined, stream, values });
    }
    response.writeHead(status).end(text);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('skald push', () => {
  it('sends the lines of a file with their times and the labels given, nothing else', async () => {
    const { url, received } = await receiver();
    const path = file('a.log', '2026-11-01T00:00:00Z one\r\n2026-11-01T00:00:01.5Z two');
    const { code, out, err } = await run(['push', path, '--label', 'app=x', '-l', 'env=a=b', '--addr', url]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^2 lines \(52 B\) in /);
    expect(received).toEqual([
      {
        tenant: undefined,
        stream: { app: 'x', env: 'a=b' },
        values: [
          ['1793491200000000000', '2026-11-01T00:00:00Z one'],
          ['1793491201500000000', '2026-11-01T00:00:01.5Z two'],
        ],
      },
    ]);
  });

  it('tells equal times apart, across files too', async () => {
    const { url, received } = await receiver();
    const first = file('b1.log', '2026-11-01T00:00:00Z a\n2026-11-01T00:00:00Z a\n  more\n');
    const second = file('b2.log', '2026-11-01T00:00:00Z a\n');
    await run(['push', first, second, '--label', 'app=x', '--addr', url]);
    expect(received.flatMap(({ values }) => values.map(([time]) => time.slice(-3)))).toEqual([
      '000',
      '001',
      '002',
      '003',
    ]);
  });

  it('gives lines before the first time that time, and lines of a file without any the present', async () => {
    const { url, received } = await receiver();
    await run(['push', file('c.log', '# a header\n2026-11-01T00:00:00Z a\n'), '--label', 'app=x', '--addr', url]);
    await run(['push', file('d.log', 'no time\n\nnone\n'), '--label', 'app=x', '--addr', url]);
    expect(received[0]!.values.map(([time]) => time)).toEqual(['1793491200000000000', '1793491200000000001']);
    expect(received[1]!.values).toEqual([
      ['1793577600000000000', 'no time'],
      ['1793577600000000001', ''],
      ['1793577600000000002', 'none'],
    ]);
  });

  it('stamps lines with the present where asked', async () => {
    const { url, received } = await receiver();
    const path = file('e.log', '2005-11-01T00:00:00Z a\n');
    await run(['push', path, '--now', '--label', 'app=x', '--addr', url]);
    expect(received[0]!.values[0]![0]).toBe('1793577600000000000');
  });

  it('reads standard input, in pieces that end anywhere, and replaces what is not UTF-8', async () => {
    const { url, received } = await receiver();
    const text = Buffer.from('2026-11-01T00:00:00Z ü\n2026-11-01T00:00:01Z b');
    const pieces = [text.subarray(0, 22), text.subarray(22, 30), text.subarray(30), Buffer.from([0x20, 0xff])];
    const { code } = await run(['push', '--label', 'app=x', '--addr', url], { stdin: pieces });
    expect(code).toBe(0);
    expect(received[0]!.values.map(([, line]) => line)).toEqual([
      '2026-11-01T00:00:00Z ü',
      '2026-11-01T00:00:01Z b \ufffd',
    ]);
  });

  it('unpacks gzip', async () => {
    const { url, received } = await receiver();
    await run(['push', file('f.log.gz', gzipSync('2026-11-01T00:00:00Z a\n')), '--label', 'app=x', '--addr', url]);
    expect(received[0]!.values[0]![1]).toBe('2026-11-01T00:00:00Z a');
    const broken = await run(['push', file('g.log.gz', 'no gzip'), '--label', 'app=x', '--addr', url]);
    expect(broken).toMatchObject({ code: 1 });
    expect(broken.err).toContain('is not intact gzip');
  });

  it('sends a long file in batches of about a megabyte, every line once', async () => {
    const { url, received } = await receiver();
    const lines = Array.from({ length: 30_000 }, (_, i) => `2026-11-01T00:00:00Z line ${i} ${'x'.repeat(80)}`);
    const { code, out } = await run(['push', file('h.log', lines.join('\n')), '--label', 'app=x', '--addr', url]);
    expect(code).toBe(0);
    expect(out).toMatch(/^30,000 lines \(3\.4 MB\)/);
    expect(received).toHaveLength(4);
    const values = received.flatMap((push) => push.values);
    expect(new Set(values.map(([time]) => time)).size).toBe(30_000);
    expect(values.map(([, line]) => line).sort()).toEqual(lines.sort());
  });

  it('names the tenant of the flag or the environment', async () => {
    const { url, received } = await receiver();
    const path = file('i.log', 'a\n');
    await run(['push', path, '--label', 'app=x', '--org-id', 'team'], { environment: { SKALD_ADDR: url } });
    await run(['push', path, '--label', 'app=x'], { environment: { SKALD_ADDR: url, SKALD_ORG_ID: 'other' } });
    expect(received.map(({ tenant }) => tenant)).toEqual(['team', 'other']);
  });

  it('tries again when the server is overloaded, and says why once', async () => {
    const { url, received } = await receiver((attempt) =>
      attempt < 2 ? { status: attempt === 0 ? 429 : 503, body: 'busy' } : { status: 204 },
    );
    const { code, out, err } = await run(['push', file('j.log', 'a\n'), '--label', 'app=x', '--addr', url]);
    expect(code).toBe(0);
    expect(err).toBe('waiting to try again: busy\n');
    expect(out).toContain(', 2 retries\n');
    expect(received).toHaveLength(1);
  });

  it('goes on after a refused batch, and ends with its reason and exit code 1', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${'x'.repeat(100)}`).join('\n');
    const { url, received } = await receiver((attempt) =>
      attempt === 0 ? { status: 400, body: 'line too long\nmore' } : { status: 204 },
    );
    const { code, err } = await run(['push', file('k.log', lines), '--label', 'app=x', '--addr', url]);
    expect(code).toBe(1);
    expect(err).toBe('1 batch not taken in full by the server:\n  line too long\n');
    expect(received).toHaveLength(2);
  });

  it('stops at entries that are too old, and says which setting to change', async () => {
    const body = `entry for stream '{app="x"}' has timestamp too old: 2005-01-01T00:00:00Z, oldest acceptable timestamp is: x`;
    const { url } = await receiver(() => ({ status: 400, body }));
    const { code, err } = await run([
      'push',
      file('l.log', '2005-01-01T00:00:00Z a\n'),
      '--label',
      'app=x',
      '--addr',
      url,
    ]);
    expect(code).toBe(1);
    expect(err).toContain('--set limits.reject_old_samples=false');
    expect(err).toContain('--now');
  });

  it('without a server says how to start one', async () => {
    const { url } = await receiver();
    await new Promise((resolve) => servers.pop()!.close(resolve));
    const { code, err } = await run(['push', file('m.log', 'a\n'), '--label', 'app=x', '--addr', url]);
    expect(code).toBe(1);
    expect(err).toBe(`skald: nothing listens at ${url}; is Skald running? start it with: npm start\n`);
  });

  it('without a tenant where one is needed says how to name it', async () => {
    const { url } = await receiver(() => ({ status: 401, body: 'no org id' }));
    const { err } = await run(['push', file('n.log', 'a\n'), '--label', 'app=x', '--addr', url]);
    expect(err).toBe('skald: no org id\nname your tenant with --org-id TENANT or SKALD_ORG_ID\n');
  });

  it.each([
    [['push'], 2, 'name the stream with at least one label'],
    [['push', '--label', 'x'], 2, '--label x: must be NAME=VALUE'],
    [['push', '--label', 'a-b=x'], 2, '--label a-b=x: must be NAME=VALUE'],
    [['push', '--label', 'a=b', '--timezone', 'here'], 2, '--timezone here: must be local, UTC'],
    [['push', '--label', 'a=b', '/no/such.log'], 1, '/no/such.log: no such file'],
    [['push', '--label', 'a=b', '/tmp'], 1, 'is a folder'],
  ])('%j is refused', async (args, code, message) => {
    const result = await run(args as string[]);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });

  it('draws a bar on a terminal only, and takes it away again', async () => {
    const { url } = await receiver();
    const path = file('o.log', 'a\n');
    const { err } = await run(['push', path, '--label', 'app=x', '--addr', url], { terminal: true });
    expect(err).toMatch(/\r\[#+\] 100% {2}1 lines/);
    expect(err.endsWith('\r')).toBe(true);
  });

  it('sums up in JSON where asked', async () => {
    const { url } = await receiver();
    const { out } = await run(['push', file('p.log', 'a\nb\n'), '--label', 'app=x', '--addr', url, '--output', 'json']);
    expect(JSON.parse(out)).toEqual({
      lines: 2,
      bytes: 4,
      seconds: 0,
      retries: 0,
      accepted: 2,
      refusedBatches: 0,
      reasons: [],
    });
  });
});
