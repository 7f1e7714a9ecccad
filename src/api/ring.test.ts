import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, fakeProcess, request } from '../../test/support/api.js';

const api = fakeApi(fakeClient(), {
  process: fakeProcess({
    ring: (name) => (name === 'ingester' ? [{ id: '<a>', state: 'ACTIVE', address: '127.0.0.1:3100' }] : undefined),
  }),
});

describe('a ring', () => {
  it('is a page for browsers, with names that cannot become markup', async () => {
    const reply = await request(api, '/ring');
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.body).toContain('<tr><td>&#60;a&#62;</td><td>ACTIVE</td><td>127.0.0.1:3100</td></tr>');
  });

  it('is JSON for programs', async () => {
    const reply = await request(api, '/ring', { headers: { accept: 'application/json, */*' } });
    const now = '2026-11-02T00:00:00.000Z';
    expect(JSON.parse(reply.body)).toEqual({
      shards: [{ id: '<a>', state: 'ACTIVE', address: '127.0.0.1:3100', timestamp: now, zone: '', tokens: [] }],
      now,
    });
  });

  it.each([
    ['/distributor/ring', 'distributor'],
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

  it('is not memberlist', async () => {
    expect((await request(api, '/memberlist')).body).toContain('does not use memberlist');
  });
});
