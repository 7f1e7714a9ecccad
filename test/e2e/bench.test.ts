import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it('the benchmark pushes, asks and prints a row for each question, with traffic that it makes up', async () => {
  const only = 'needle|trace id|one stream: count|labels';
  const args = ['bench/run.mjs', '--copies', '1', '--runs', '1', '--only', only];
  const { stdout } = await run(process.execPath, args, { timeout: 120_000 });
  const rows = new Map(stdout.split('\n').map((line) => [line.split('|')[1]?.trim(), line.split('|').slice(2)]));
  expect(Number(rows.get('entries')?.[0]?.replaceAll(',', ''))).toBeGreaterThan(100_000);
  for (const name of ['needle in a line', 'metadata filter: trace id', 'one stream: count by 5 minutes', 'labels'])
    expect(Number(rows.get(name)?.[0]), name).toBeGreaterThan(0);
  for (const name of ['needle in a line', 'metadata filter: trace id'])
    expect(Number(rows.get(name)?.[3]), name).toBeGreaterThan(0);
}, 150_000);
