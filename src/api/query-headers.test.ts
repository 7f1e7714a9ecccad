import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, request } from '../../test/support/api.js';

async function asked(context: string): Promise<unknown> {
  const client = fakeClient();
  const headers = { 'x-loki-query-limits-context': context };
  const reply = await request(fakeApi(client), '/loki/api/v1/query_range?query=x', { headers });
  return reply.status === 200 ? (client.calls[0]!.argument as { slicedFrom?: unknown }).slicedFrom : reply.body;
}

describe('X-Loki-Query-Limits-Context', () => {
  const whole = { query: '{app="x"}', start: 1_793_491_200_000_000_000n, end: 1_793_491_201_500_000_000n };

  it.each([
    '{"Expr":"{app=\\"x\\"}","From":"2026-11-01T00:00:00Z","To":"2026-11-01T00:00:01.5Z"}',
    '{"expr":"{app=\\"x\\"}","FROM":"2026-11-01T01:00:00+01:00","to":"2026-11-01T00:00:01.5Z","other":1}',
  ])('%s names the whole query', async (header) => {
    expect(await asked(header)).toEqual(whole);
  });

  it('without a query says nothing', async () => {
    expect(await asked('')).toBeUndefined();
    expect(await asked('{"Expr":"","From":"2026-11-01T00:00:00Z","To":"2026-11-01T00:00:01Z"}')).toBeUndefined();
  });

  it.each([
    '{',
    'null',
    '[]',
    '"x"',
    '{"expr":"x"}',
    '{"expr":"x","from":5,"to":6}',
    '{"expr":"x","from":"y","to":"z"}',
  ])('%s is refused', async (header) => {
    expect(await asked(header)).toContain('invalid X-Loki-Query-Limits-Context');
  });
});
