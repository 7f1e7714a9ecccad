import { describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, fakeApi, fakeClient, ok, request, search } from '../../test/support/api.js';
import { labelsOf } from '../wire/labels.js';

describe('/api/prom', () => {
  it('answers a query with lines in the older shape', async () => {
    const streams = [
      {
        labels: labelsOf({ app: 'x', level: 'a "b"' }),
        entries: [
          { time: 1_793_577_600_000_000_000n, line: 'one\n"two"' },
          { time: 1_793_577_600_000_000_120n, line: '' },
        ],
      },
      { labels: labelsOf({ app: 'y' }), entries: [] },
    ];
    const client = fakeClient({ query: async () => ok({ ...EMPTY_ANSWER, result: { type: 'streams', streams } }) });
    const parameters = search({ query: '{app="x"}', regexp: 'o.e', limit: '7', direction: 'forward' });
    const reply = await request(fakeApi(client), `/api/prom/query?${parameters}`);
    const { stats, ...rest } = JSON.parse(reply.body);
    expect(rest).toEqual({
      streams: [
        {
          labels: '{app="x", level="a \\"b\\""}',
          entries: [
            { ts: '2026-11-02T00:00:00Z', line: 'one\n"two"' },
            { ts: '2026-11-02T00:00:00.00000012Z', line: '' },
          ],
        },
        { labels: '{app="y"}', entries: [] },
      ],
    });
    expect(stats.summary.totalLinesProcessed).toBe(0);
    expect(client.calls[0]!.argument).toMatchObject({
      ...{ query: '{app="x"} |~ "o.e"', mode: 'range', limit: 7, direction: 'forward', streamsOnly: true },
    });
  });

  it('names and values of labels stand under values, which is left out when there are none', async () => {
    const client = fakeClient({ labels: async () => ok(['app', 'env']), labelValues: async () => ok([]) });
    expect((await request(fakeApi(client), '/api/prom/label')).body).toBe('{"values":["app","env"]}\n');
    expect((await request(fakeApi(client), '/api/prom/label/app/values')).body).toBe('{}\n');
    expect(client.calls[1]!.argument).toMatchObject({ name: 'app' });
  });

  it('series are as they are today', async () => {
    const client = fakeClient({ series: async () => ok([labelsOf({ app: 'x' })]) });
    const reply = await request(fakeApi(client), `/api/prom/series?${search({ 'match[]': '{app="x"}' })}`);
    expect(reply.body).toBe('{"status":"success","data":[{"app":"x"}]}\n');
  });
});
