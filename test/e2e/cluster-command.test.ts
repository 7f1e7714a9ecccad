import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PORTS } from '../../src/cli/cluster/plan.js';
import { BASE, LokiClient } from '../support/client.js';
import { CLUSTER_TIMEOUT_MS } from '../support/cluster.js';
import { skald } from '../support/command.js';
import { HAS_NATS } from '../support/nats.js';
import { SKALD, temporaryFolder } from '../support/server.js';

const PORT = 21_730;
const NATS_PORT = PORT + PORTS;
const ENTRY = { labels: { app: 'x' }, entries: [{ time: BASE, line: 'hello' }] };
const SETTINGS = ['limits.reject_old_samples=false'];

let command: ChildProcess | undefined;
afterEach(async () => {
  if (command?.exitCode !== null) return;
  const ended = once(command, 'exit');
  for (let i = 0; i < 2; i++) command.kill('SIGINT');
  await ended;
});

function start(data: string): { said: (text: string) => Promise<void>; output: () => string } {
  const flags = ['--data', data, '--port', String(PORT), '--nats-port', String(NATS_PORT)];
  const child = spawn(process.execPath, [SKALD, 'cluster', ...flags, ...SETTINGS.flatMap((one) => ['--set', one])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  command = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return {
    said: (text) => expect.poll(() => output, { timeout: 100_000, interval: 100 }).toContain(text),
    output: () => output,
  };
}

/** Its pid, as its own log has it. */
function pidOf(data: string, name: string): number {
  const lines = readFileSync(join(data, 'logs', `${name}.log`), 'utf8').split('\n');
  const ready = lines.filter((line) => line.includes('"msg":"ready"')).at(-1)!;
  return (JSON.parse(ready) as { pid: number }).pid;
}

describe.skipIf(!HAS_NATS)('skald cluster', { timeout: CLUSTER_TIMEOUT_MS }, () => {
  it('runs ten processes, starts those that die again, and stops all of them in order', async () => {
    const data = temporaryFolder();
    const { said, output } = start(data);
    await said('The cluster is ready');
    const client = new LokiClient(() => `http://127.0.0.1:${PORT}`);
    await client.push([ENTRY]);
    expect(await client.count('{app="x"}')).toBe(1);
    await said('distributor 2  ingester 3  querier 2  scheduler 2  worker 3');
    const killed = pidOf(data, 'ingester-2');
    process.kill(killed, 'SIGKILL');
    await said('ingester-2 ended (SIGKILL); it is started again in 1 s');
    await expect.poll(() => pidOf(data, 'ingester-2'), { timeout: 100_000 }).not.toBe(killed);
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${PORT + PORTS - 2}/ready`).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 100_000 },
      )
      .toBe(200);
    command!.kill('SIGINT');
    expect(await once(command!, 'exit')).toEqual([0, null]);
    expect(output()).toMatch(/stopping: .*\nstopped\n$/);
    for (const name of ['ingester-1', 'ingester-2', 'ingester-3']) {
      expect(readFileSync(join(data, 'logs', `${name}.log`), 'utf8')).toContain('stopped; everything is in objects');
    }
    for (let port = PORT; port <= NATS_PORT; port++) {
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    }
  });

  it('says which ports are taken before it starts anything', async () => {
    const taken = createServer().listen(PORT + 3, '127.0.0.1');
    await once(taken, 'listening');
    const flags = ['--port', String(PORT), '--nats-port', String(NATS_PORT), '--data', temporaryFolder()];
    const { code, err } = await skald(['cluster', ...flags]);
    taken.close();
    expect(code).toBe(1);
    expect(err).toContain(`already in use: port ${PORT + 3}`);
  });
});
