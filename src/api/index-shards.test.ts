import { expect, it } from 'vitest';
import { fakeApi, fakeClient, ok, request, search } from '../../test/support/api.js';

const PATH = '/loki/api/v1/index/shards';

it('shards are bounded by fingerprints in hexadecimal', async () => {
  const stats = { streams: 1, chunks: 2, bytes: 3, entries: 4 };
  const shards = [
    { min: 0n, max: 2n ** 63n - 1n, stats },
    { min: 2n ** 63n, max: 2n ** 64n - 1n, stats },
  ];
  const client = fakeClient({ indexShards: async () => ok(shards) });
  const reply = await request(
    fakeApi(client),
    `${PATH}?${search({ query: '{app="x"}', targetBytesPerShard: '10KB' })}`,
  );
  expect(JSON.parse(reply.body)).toMatchObject({
    shards: [
      { bounds: { min: '0000000000000000', max: '7fffffffffffffff' }, stats },
      { bounds: { min: '8000000000000000', max: 'ffffffffffffffff' }, stats },
    ],
    statistics: { summary: { totalBytesProcessed: 0 } },
  });
  expect(client.calls[0]!.argument).toMatchObject({ selectors: ['{app="x"}'], targetBytes: 10_000 });
});

it.each([
  ['no size', { query: '{app="x"}' }, 'targetBytesPerShard must be a positive value'],
  ['a size of nothing', { query: '{app="x"}', targetBytesPerShard: '0' }, 'targetBytesPerShard must be'],
  ['something else for a size', { query: '{app="x"}', targetBytesPerShard: '1xb' }, 'unhandled size name: xb'],
  ['no selector', { targetBytesPerShard: '1KB' }, 'parse error : syntax error: unexpected $end'],
])('a request with %s is refused', async (_, parameters, why) => {
  const reply = await request(fakeApi(fakeClient()), `${PATH}?${search(parameters as Record<string, string>)}`);
  expect(reply.status).toBe(400);
  expect(reply.body).toContain(why);
});
