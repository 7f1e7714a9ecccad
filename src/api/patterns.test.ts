import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, NOW, ok, request, search } from '../../test/support/api.js';
import { fault } from '../wire/fault.js';

const PATH = '/loki/api/v1/patterns';
const MINUTE = 60_000_000_000n;

describe('GET /loki/api/v1/patterns', () => {
  it('answers with patterns, levels and samples', async () => {
    const patterns = [{ pattern: 'user <_> came', level: 'info', samples: [[1_700_000_000, 2] as const] }];
    const client = fakeClient({ patterns: async () => ok(patterns) });
    const { status, body } = await request(fakeApi(client), `${PATH}?${search({ query: '{app="x"}' })}`);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ status: 'success', data: patterns });
  });

  it.each([
    ['nanoseconds', { start: String(NOW - 60n * MINUTE), end: String(NOW - MINUTE) }],
    ['ISO 8601', { start: '2026-11-01T23:00:00.000Z', end: '2026-11-01T23:59:00.000Z' }],
  ])('takes times in %s', async (_, times) => {
    const client = fakeClient();
    await request(fakeApi(client), `${PATH}?${search({ query: '{app="x"}', step: '1m', ...times })}`);
    const argument = {
      ...{ tenant: 'fake', selector: '{app="x"}', stepNs: 60e9 },
      ...{ start: NOW - 60n * MINUTE, end: NOW - MINUTE },
    };
    expect(client.calls).toEqual([{ method: 'patterns', argument }]);
  });

  it('has steps of at least ten seconds', async () => {
    const client = fakeClient();
    await request(fakeApi(client), `${PATH}?${search({ query: '{app="x"}', step: '1s' })}`);
    expect(client.calls[0]!.argument).toMatchObject({ stepNs: 10e9 });
  });

  it('takes a form', async () => {
    const client = fakeClient();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await request(fakeApi(client), PATH, { method: 'POST', headers, body: search({ query: '{app="x"}' }) });
    expect(client.calls[0]!.argument).toMatchObject({ selector: '{app="x"}' });
  });

  it.each([
    [{}, 'parse error : syntax error: unexpected $end'],
    [{ query: '{a="b"}', step: '0' }, 'zero or negative query resolution step widths are not accepted'],
    [{ query: '{a="b"}', start: '20', end: '10' }, 'end timestamp must not be before or equal to start time'],
  ])('refuses %j', async (parameters, message) => {
    const { status, body } = await request(fakeApi(fakeClient()), `${PATH}?${search(parameters)}`);
    expect(status).toBe(400);
    expect(body).toContain(message);
  });

  it('is 404 where patterns are not kept', async () => {
    const client = fakeClient({ patterns: async () => ({ ok: false, fault: fault('not-found', 'not kept') }) });
    expect((await request(fakeApi(client), `${PATH}?${search({ query: '{a="b"}' })}`)).status).toBe(404);
  });
});
