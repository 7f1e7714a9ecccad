import { beforeEach, describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, fakeProcess, ok, RING_MEMBER, request } from '../../test/support/api.js';
import { fault } from '../wire/fault.js';

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
        '<td>2023-11-14T22:14:20.000Z</td><td>33.3%</td><td></td></tr>',
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
    expect(reply.body).toContain('<td>2023-11-14T22:13:20.000Z</td><td></td><td></td><td><form');
    const { shards } = JSON.parse((await request(api, '/distributor/ring', ASKS_JSON)).body);
    expect(shards).toMatchObject([{ timestamp: '' }]);
    expect(shards[0]).not.toHaveProperty('share');
  });

  it('has a button for whoever is unhealthy, and for nobody else', async () => {
    const form = '<form method="post"><button name="forget" value="a">Forget</button></form>';
    const { body, headers } = await request(api, '/distributor/ring');
    expect(body).toContain(`<td>${form}</td>`);
    expect(headers['content-security-policy']).toContain("form-action 'self'; frame-ancestors 'none'");
    expect((await request(api, '/ring')).body).not.toContain('<form');
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

describe('an instance that is to be forgotten', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
  const forgotten: unknown[] = [];
  const api = fakeApi(fakeClient(), {
    process: fakeProcess({
      forget: (ring, id) => {
        if (id === 'b') return { ok: false, fault: fault('bad-request', 'b is ACTIVE') };
        forgotten.push([ring, id]);
        return ok(undefined);
      },
    }),
  });
  const post = (body: string, headers: Record<string, string> = {}, path = '/ring') =>
    request(api, path, { method: 'POST', headers: { ...FORM, ...headers }, body });
  beforeEach(() => {
    forgotten.length = 0;
  });

  it('is named by a form, which leads back to the page', async () => {
    const { status, headers } = await post('forget=%3Ca%3E', { 'sec-fetch-site': 'same-origin' });
    expect([status, headers.location]).toEqual([302, '#']);
    await post('forget=c', {}, '/scheduler/ring');
    expect(forgotten).toEqual([
      ['ingester', '<a>'],
      ['scheduler', 'c'],
    ]);
  });

  it('is named by a program, which gets the ring that is left', async () => {
    const { status, body } = await post('forget=c', ASKS_JSON.headers);
    expect([status, JSON.parse(body).shards]).toMatchObject([200, [{ id: 'a' }]]);
  });

  it.each([
    ['forget=b', {}, 400, 'b is ACTIVE'],
    ['', {}, 400, 'forget=ID is missing'],
    ['forget=a', { 'sec-fetch-site': 'cross-site' }, 403, 'not for pages of other sites'],
  ])('is refused: %j %j', async (body, headers, status, why) => {
    expect(await post(body, headers)).toMatchObject({ status, body: expect.stringContaining(why) });
    expect(forgotten).toEqual([]);
  });
});
