import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, fakeProcess, RING_MEMBER, request } from '../../test/support/api.js';

const ASKS_JSON = { headers: { accept: 'application/json, */*' } };

const api = fakeApi(fakeClient(), {
  process: fakeProcess({
    ring: (name) => {
      if (name === 'ingester') return [{ ...RING_MEMBER, id: '<a>', zone: 'east', share: 0.3334 }];
      return name === 'distributor' ? [{ ...withoutShare(), heardMs: undefined, state: 'UNHEALTHY' }] : undefined;
    },
  }),
});

function withoutShare() {
  const { share: _, ...member } = RING_MEMBER;
  return member;
}

describe('a ring', () => {
  it('is a page for browsers, with names that cannot become markup', async () => {
    const reply = await request(api, '/ring');
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.body).toContain(
      '<tr><td>&#60;a&#62;</td><td>ACTIVE</td><td>127.0.0.1:3100</td><td>east</td><td>2023-11-14T22:13:20.000Z</td>' +
        '<td>2023-11-14T22:14:20.000Z</td><td>33.3%</td></tr>',
    );
  });

  it('is JSON for programs', async () => {
    const reply = await request(api, '/ring', ASKS_JSON);
    expect(JSON.parse(reply.body)).toEqual({
      shards: [
        {
          ...{ id: '<a>', state: 'ACTIVE', address: '127.0.0.1:3100', zone: 'east', tokens: [], share: 0.3334 },
          timestamp: '2023-11-14T22:14:20.000Z',
          registered_timestamp: '2023-11-14T22:13:20.000Z',
        },
      ],
      now: '2026-11-02T00:00:00.000Z',
    });
  });

  it('leaves out what nobody knows', async () => {
    const reply = await request(api, '/distributor/ring');
    expect(reply.body).toContain('<td>UNHEALTHY</td>');
    expect(reply.body).toContain('<td>2023-11-14T22:13:20.000Z</td><td></td><td></td></tr>');
    const { shards } = JSON.parse((await request(api, '/distributor/ring', ASKS_JSON)).body);
    expect(shards).toMatchObject([{ timestamp: '' }]);
    expect(shards[0]).not.toHaveProperty('share');
  });

  it.each([
    ['/indexgateway/ring', 'index-gateway'],
    ['/ruler/ring', 'ruler'],
    ['/compactor/ring', 'compactor'],
    ['/scheduler/ring', 'scheduler'],
    ['/pattern/ring', 'pattern'],
  ])('%s is 404 where there is none', async (path, name) => {
    expect(await request(api, path)).toMatchObject({
      ...{ status: 404, body: `this process has no ${name}, and no ring of them\n` },
    });
  });
});
