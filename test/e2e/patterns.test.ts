import { beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, type LokiClient, SECOND } from '../support/client.js';
import { startServer } from '../support/server.js';

interface Pattern {
  readonly pattern: string;
  readonly level: string;
  readonly samples: readonly (readonly [number, number])[];
}

/** Patterns are of the last hours: what is pushed here is a few minutes old. */
const START = (BigInt(Date.now()) / 10_000n) * 10_000_000_000n - 300n * SECOND;
const TIMES = { start: START, end: START + 120n * SECOND };

const LINES = [
  (i: number) => `level=info msg="request done" path=/api/${i % 5} took=${i * 3}ms id=${i * 7919}`,
  (i: number) => `level=error msg="request failed" reason="host 10.0.0.${i % 9} <unreachable>" attempt=${i % 3}`,
  (i: number) => `{"level":"warn","msg":"queue \\"main\\" is long","length":${i},"host":"größe-${i % 7}"}`,
  (i: number) => `[2026-11-0${1 + (i % 9)}] worker ${i}: took a job of tenant ${'abc'[i % 3]}, ok`,
];

async function patternsOf(client: LokiClient, query: string, step = '10s'): Promise<readonly Pattern[]> {
  return (jsonOf(await client.get('/loki/api/v1/patterns', { query, step, ...TIMES })) as { data: Pattern[] }).data;
}

async function pushLines(client: LokiClient, app: string): Promise<void> {
  const entries = Array.from({ length: 200 }, (_, i) => ({
    time: START + BigInt(i) * (SECOND / 2n),
    line: LINES[i % LINES.length]!(i),
  }));
  await client.push([{ labels: { app }, entries }]);
}

describe('log patterns', () => {
  let client: LokiClient;

  beforeAll(async () => {
    ({ client } = await startServer({ settings: ['auth_enabled=true'] }));
    client = client.as('red');
    await pushLines(client, 'a');
    await pushLines(client, 'b');
  });

  it('are there as soon as a push is acknowledged, with level and counts', async () => {
    const patterns = await patternsOf(client, '{app="a"}');
    expect(patterns.map(({ pattern, level }) => `${level} ${pattern}`).sort()).toEqual([
      'error level=error msg="request failed" reason="host <_> <<_>>" attempt=<_>',
      'info level=info msg="request done" path=<_> took=<_> id=<_>',
      'unknown [<_>] worker <_>: took a job of tenant <_>, ok',
      'warn {"level":"warn","msg":"queue \\"main\\" is long","length":<_>,"host":"<_>"}',
    ]);
    for (const { samples } of patterns) {
      expect(samples).toEqual(Array.from({ length: 10 }, (_, i) => [Number(START / SECOND) + 10 * i, 5]));
    }
  });

  it('select, as line filters, the lines they were made from', async () => {
    for (const { pattern, samples } of await patternsOf(client, '{app="a"}')) {
      const lines = samples.reduce((sum, [, count]) => sum + count, 0);
      const { entries } = await client.range(`{app="a"} |> ${JSON.stringify(pattern)}`, TIMES);
      expect(entries, pattern).toHaveLength(lines);
      const others = await client.range(`{app="a"} !> ${JSON.stringify(pattern)}`, TIMES);
      expect(others.entries, pattern).toHaveLength(200 - lines);
    }
  });

  it('add up over streams and steps', async () => {
    const [first] = await patternsOf(client, '{app=~"a|b"}', '1h');
    expect(first!.samples.reduce((sum, [, count]) => sum + count, 0)).toBe(100);
    expect(first!.samples.length).toBeLessThanOrEqual(2);
    expect(await patternsOf(client, '{app="c"}')).toEqual([]);
  });

  it('are of one tenant', async () => {
    expect(await patternsOf(client.as('blue'), '{app="a"}')).toEqual([]);
  });

  it('are asked for with a selector and nothing else', async () => {
    for (const query of ['{app="a"} |= "x"', '{app="a"', '']) {
      expect((await client.get('/loki/api/v1/patterns', { query })).status, query).toBe(400);
    }
  });

  it('are counted in the metrics, and told as a feature', async () => {
    expect(await client.metric('loki_pattern_ingester_lines_total')).toBe(400);
    expect(await client.metric('loki_pattern_ingester_batches_skipped_total')).toBe(0);
    expect(jsonOf(await client.get('/loki/api/v1/drilldown-limits'))).toMatchObject({ pattern_ingester_enabled: true });
  });
});

it('without a pattern ingester there are no patterns', async () => {
  const { client } = await startServer({ settings: ['pattern_ingester.enabled=false'] });
  await pushLines(client, 'a');
  expect((await client.get('/loki/api/v1/patterns', { query: '{app="a"}' })).status).toBe(404);
  expect(jsonOf(await client.get('/loki/api/v1/drilldown-limits'))).toMatchObject({ pattern_ingester_enabled: false });
});
