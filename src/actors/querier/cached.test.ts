import { describe, expect, it } from 'vitest';
import type { TestRow } from '../../../test/support/build-input.js';
import { QuerySystem, SECOND, T0 } from '../../../test/support/query-system.js';
import type { QueryRequest } from '../../wire/query.js';

function rows(from: number, to: number, app = 'x'): TestRow[] {
  return Array.from({ length: to - from }, (_, i) => ({
    labels: { app },
    time: T0 + BigInt(from + i) * SECOND,
    line: `line ${from + i}`,
    metadata: [['parity', (from + i) % 2 === 0 ? 'even' : 'odd']] as const,
  }));
}

/** A stored minute of rows for each of `objects`, and ten rows in memory after them. */
async function dashboard(objects: number, cacheBytes = 1 << 20): Promise<QuerySystem> {
  const system = new QuerySystem({}, cacheBytes);
  for (let i = 0; i < objects; i++) {
    system.push(rows(60 * i, 60 * (i + 1)));
    await system.flush();
  }
  system.push(rows(60 * objects, 60 * objects + 10));
  return system;
}

const at = (from: number, to: number, stepSeconds = 10): Partial<QueryRequest> => ({
  start: T0 + BigInt(from) * SECOND,
  end: T0 + BigInt(to) * SECOND,
  stepNs: stepSeconds * 1e9,
});

const QUERIES = [
  'sum(count_over_time({app="x"} |= "line"[30s]))',
  'sum by (parity) (rate({app="x"} != "zzz"[25s]))',
  'first_over_time({app="x"} | pattern "line <n>" | unwrap n [20s])',
  'quantile_over_time(0.9, {app="x"} | pattern "line <n>" | unwrap n [1m]) by (app)',
  'rate_counter({app="x"} | pattern "line <n>" | unwrap n [45s])',
];

describe('a dashboard that is refreshed', () => {
  it.each(QUERIES)('reads only what is new: %s', async (query) => {
    const system = await dashboard(4);
    const fresh = await dashboard(4);
    await system.ask(query, at(60, 240));
    for (const later of [0, 10, 20, 50]) {
      const range = at(60 + later, 240 + later);
      const { result, stats } = await system.ask(query, range);
      const uncached = await fresh.ask(query, { ...range, noCache: true });
      expect(result).toEqual(uncached.result);
      expect(stats.cache).toMatchObject({ asked: stats.sections - (stats.liveRows > 0 ? 1 : 0) });
      // The newest object was not read to its end when the range ended before it.
      expect(stats.cache!.found).toBeGreaterThanOrEqual(stats.cache!.asked - 1);
      expect(uncached.stats.cache).toBeUndefined();
    }
    const again = await system.ask(query, at(110, 290));
    const { asked } = again.stats.cache!;
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(again.stats.cache).toEqual({ asked, found: asked, stored: 0 });
    expect(again.stats.rowsScanned).toBe(again.stats.liveRows);
  });

  it('counts an instant window again only where it has moved', async () => {
    const system = await dashboard(4);
    const count = (seconds: number) =>
      system.ask('sum(count_over_time({app="x"} |= "line"[2m]))', {
        mode: 'instant',
        ...at(seconds, seconds),
        stepNs: 0,
      });
    await count(200);
    const { result, stats } = await count(210);
    expect(result).toMatchObject({ samples: [{ value: 120 }] });
    // Of minutes 1 to 4 the second and third lie in both windows.
    expect(stats.cache).toMatchObject({ asked: 3, found: 1 });
  });

  it('sees what has been pushed since', async () => {
    const system = await dashboard(2);
    const query = 'sum(count_over_time({app="x"} |= "line"[5m]))';
    const count = async () => (await system.ask(query, at(240, 240))).result;
    expect(await count()).toMatchObject({ series: [{ values: [130] }] });
    await system.flush();
    system.push(rows(130, 140));
    expect(await count()).toMatchObject({ series: [{ values: [140] }] });
    await system.flush();
    expect(await count()).toMatchObject({ series: [{ values: [140] }] });
  });

  it('does not take the result of another selector, filter or tenant label', async () => {
    const system = new QuerySystem({}, 1 << 20);
    system.push([...rows(0, 60), ...rows(0, 30, 'y')]);
    await system.flush();
    const count = async (query: string) => (await system.ask(query, at(60, 60))).result;
    expect(await count('sum(count_over_time({app="x"} |= "line"[5m]))')).toMatchObject({ series: [{ values: [60] }] });
    expect(await count('sum(count_over_time({app="y"} |= "line"[5m]))')).toMatchObject({ series: [{ values: [30] }] });
    expect(await count('sum(count_over_time({app=~".+"} |= "line"[5m]))')).toMatchObject({
      series: [{ values: [90] }],
    });
    expect(await count('sum(count_over_time({app="x"} |= "line 1"[5m]))')).toMatchObject({
      series: [{ values: [11] }],
    });
  });
});

describe('a search of logs', () => {
  const search = '{app="x"} | parity="even" |~ "line \\\\d*[13579]$"';

  it('does not look twice where nothing was found', async () => {
    const system = await dashboard(3);
    const first = await system.ask(search, at(0, 240));
    expect(first.result).toEqual({ type: 'streams', streams: [] });
    expect(first.stats.cache).toEqual({ asked: 3, found: 0, stored: 3 });
    const second = await system.ask(search, { ...at(30, 230), limit: 7, direction: 'forward' });
    expect(second.stats.cache).toEqual({ asked: 3, found: 3, stored: 0 });
    expect(second.stats.rowsScanned).toBe(second.stats.liveRows);
  });

  it('always looks where something was found', async () => {
    const system = await dashboard(3);
    for (let i = 0; i < 2; i++) {
      const { result, stats } = await system.ask('{app="x"} |= "line 70"', at(0, 180));
      expect(result).toMatchObject({ streams: [{ entries: [{ line: 'line 70' }] }] });
      expect(stats.cache).toMatchObject({ found: 0 });
    }
  });
});

it('explain=analyze says what came from the cache', async () => {
  const system = await dashboard(3);
  await system.ask(QUERIES[0]!, at(0, 240));
  const { explain } = await system.ask(QUERIES[0]!, { ...at(0, 240), explain: 'analyze' });
  expect(explain).toContain('result cache: 3 of 3 scans found, 0 stored');
  expect(explain).toMatch(/1 task\n +ResultCache +rows=\d+ batches=3/);
});

it('a cache that is too small keeps nothing and changes nothing', async () => {
  const system = await dashboard(3, 1000);
  for (let i = 0; i < 2; i++) {
    const { result, stats } = await system.ask('sum(count_over_time({app="x"} |= "line"[5m]))', at(240, 240));
    expect(result).toMatchObject({ series: [{ values: [190] }] });
    expect(stats.cache).toEqual({ asked: 3, found: 0, stored: 0 });
  }
});
