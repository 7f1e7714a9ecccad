import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, HOUR, type LokiClient, waitFor } from '../support/client.js';
import { startServer } from '../support/server.js';

const LINES = 60_000;
const BATCH_LINES = 2000;

/** Runs for many seconds, on any machine: ten thousand windows for each of sixty thousand series. */
const SLOW = 'sum(quantile_over_time(0.9, {app="slow"} | logfmt | unwrap v [24h]) by (n))';
/** Slow in another place: in the work on every line. */
const SLOW_LINES =
  '{app="slow"} | line_format "{{ repeat 1000 __line__ | regexReplaceAll `([a-z])([0-9])` __line__ }}" |= "nowhere"';

async function pushLines(client: LokiClient): Promise<void> {
  for (let first = 0; first < LINES; first += BATCH_LINES) {
    const entries = Array.from({ length: BATCH_LINES }, (_, i) => {
      const n = first + i;
      return { time: BASE + BigInt(n) * 1_000_000n, line: `n=${n} v=${(n * 7919) % 1000} path=/api/v${n % 10}` };
    });
    await client.push([{ labels: { app: 'slow', part: String(first % 3) }, entries }]);
  }
}

const request = (client: LokiClient, query: string, init: RequestInit = {}) =>
  client.get('/loki/api/v1/query_range', { query, start: BASE, end: BASE + 24n * HOUR, step: 8 }, init);

const inflight = async (client: LokiClient): Promise<number> =>
  (await client.metric('loki_engine_scheduler_tasks_inflight'))!;

/** Nothing of any query is left anywhere. */
async function allFree(client: LokiClient): Promise<void> {
  const names = [
    'loki_engine_scheduler_tasks_inflight',
    'loki_engine_worker_tasks_running',
    'loki_ingester_live_queries',
  ];
  for (const name of names) {
    await waitFor(`${name} to be 0`, async () => ((await client.metric(name)) === 0 ? true : undefined), 5000);
  }
}

describe.each(['in memory', 'in objects'])('a query over data %s', (place) => {
  let client: LokiClient;

  beforeAll(async () => {
    client = (await startServer()).client;
    await pushLines(client);
    if (place === 'in objects') await client.flush();
  });

  it.each([
    ['windows', SLOW],
    ['lines', SLOW_LINES],
  ])('frees everything when its client leaves, busy with %s', async (_what, query) => {
    const leaving = new AbortController();
    const answer = request(client, query, { signal: leaving.signal });
    await waitFor('the query to run', async () => ((await inflight(client)) > 0 ? true : undefined));
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
    await allFree(client);
    expect(await client.count('{app="slow"}')).toBe(LINES);
  });

  it('frees everything when a dozen clients leave at once', async () => {
    const leaving = new AbortController();
    const answers = Array.from({ length: 12 }, () =>
      request(client, SLOW, { signal: leaving.signal }).catch(() => 'left'),
    );
    await waitFor('the queries to run', async () => ((await inflight(client)) > 3 ? true : undefined));
    leaving.abort();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['left']));
    await allFree(client);
    expect(await client.count('{app="slow"}')).toBe(LINES);
  });
});

describe('a query beyond its time', () => {
  it('is answered 504 and frees everything', async () => {
    const { client } = await startServer({ settings: ['limits.query_timeout=1s'] });
    await pushLines(client);
    for (const query of [SLOW, SLOW_LINES]) {
      const { status, body } = await request(client, query);
      expect({ status, body }).toEqual({ status: 504, body: expect.stringContaining('request timed out') });
      await allFree(client);
    }
    expect(await client.count('{app="slow"}')).toBe(LINES);
  });

  it('that waits behind others is answered 504 too', async () => {
    const settings = [
      'limits.query_timeout=1s',
      'query_engine.worker_threads=1',
      'query_engine.max_running_other_tasks=1',
    ];
    const { client } = await startServer({ settings });
    await pushLines(client);
    const answers = await Promise.all(Array.from({ length: 4 }, () => request(client, SLOW)));
    expect(answers.map(({ status }) => status)).toEqual([504, 504, 504, 504]);
    await allFree(client);
    expect(await client.count('{app="slow"}')).toBe(LINES);
  });

  it('beyond the number that may wait is refused with 429 at once', async () => {
    const settings = [
      'limits.query_timeout=5s',
      'query_engine.max_running_other_tasks=1',
      'query_engine.max_queued_queries=1',
    ];
    const { client } = await startServer({ settings });
    await pushLines(client);
    const leaving = new AbortController();
    const { signal } = leaving;
    const answers = Array.from({ length: 8 }, () => request(client, SLOW, { signal }));
    const first = await Promise.race(answers);
    expect(first).toMatchObject({ status: 429, body: expect.stringContaining('too many outstanding requests') });
    expect(first.headers.get('retry-after')).toMatch(/^\d+$/);
    leaving.abort();
    await Promise.allSettled(answers);
    await allFree(client);
  });
});
