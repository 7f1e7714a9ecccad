import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, fakeProcess, request } from '../../test/support/api.js';
import type { Gossiper } from './process.js';

const MEMBER: Gossiper = {
  ...{ name: 'i-1', roles: ['ingester', 'distributor'], status: 'suspect', state: 'ACTIVE', incarnation: 7 },
  ...{ address: '10.0.0.1:3100', zone: 'a<b', registeredMs: 1_700_000_000_000, heardMs: 1_700_000_060_000 },
};

describe('the memberlist', () => {
  const api = fakeApi(fakeClient(), { process: fakeProcess({ memberlist: () => [MEMBER] }) });

  it('is a page for browsers', async () => {
    const { body, headers } = await request(api, '/memberlist');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('<tr><td>i-1</td><td>suspect</td><td>ingester, distributor</td><td>ACTIVE</td>');
    expect(body).toContain('<td>10.0.0.1:3100</td><td>a&#60;b</td>');
  });

  it('is JSON for programs', async () => {
    const { body } = await request(api, '/memberlist', { headers: { accept: 'application/json' } });
    expect(JSON.parse(body)).toEqual({
      members: [
        {
          ...{ name: 'i-1', roles: ['ingester', 'distributor'], status: 'suspect', state: 'ACTIVE', incarnation: 7 },
          ...{ address: '10.0.0.1:3100', zone: 'a<b' },
          ...{ registered: '2023-11-14T22:13:20.000Z', heard: '2023-11-14T22:14:20.000Z' },
        },
      ],
    });
  });

  it('says that there is none in a process that is alone', async () => {
    expect((await request(fakeApi(fakeClient()), '/memberlist')).body).toContain('does not use memberlist');
  });
});
