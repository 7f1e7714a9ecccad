import { describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, fakeApi, fakeClient, NOW, ok, request, search } from '../../test/support/api.js';
import { type Fault, fault } from '../wire/fault.js';
import type { Client } from './client.js';

const HOUR = 3600n * 1_000_000_000n;

describe('routing', () => {
  const api = fakeApi(fakeClient());

  it('an unknown path is 404 with its route called other', async () => {
    expect(await request(api, '/nope')).toMatchObject({ status: 404, route: 'other' });
  });

  it('the tail of API version 2, which Grafana probes, is 404', async () => {
    expect((await request(api, '/loki/api/v2alpha/tail?query=x')).status).toBe(404);
  });

  it('a wrong method is 405 and says which are right', async () => {
    const reply = await request(api, '/loki/api/v1/push');
    expect(reply.status).toBe(405);
    expect(reply.headers.allow).toBe('POST');
  });

  it('HEAD is answered where GET is', async () => {
    expect((await request(api, '/ready', { method: 'HEAD' })).status).toBe(200);
    expect((await request(api, '/loki/api/v1/push', { method: 'HEAD' })).status).toBe(405);
  });

  it.each(['/loki/api/v1/delete', '/loki/api/v1/rules/level', '/prometheus/api/v1/alerts'])(
    '%s is 501 by name',
    async (path) => {
      const reply = await request(api, path);
      expect(reply.status).toBe(501);
      expect(reply.body).toContain(path.replace('level', '{name}'));
    },
  );
});

describe('OTLP', () => {
  const send = async (client: Client, headers: Record<string, string> = {}) =>
    await request(fakeApi(client), '/otlp/v1/logs', { method: 'POST', headers, body: 'x' });
  const refusing = (refusal: Fault) => fakeClient({ push: async () => ({ ok: false, fault: refusal }) });

  it('hands on what the body is, and the encodings that are undone later', async () => {
    for (const encoding of ['zstd', 'lz4']) {
      const client = fakeClient();
      const reply = await send(client, { 'content-type': 'application/x-protobuf', 'content-encoding': encoding });
      expect(reply.status).toBe(204);
      expect(client.calls[0]!.argument).toMatchObject({
        format: 'otlp',
        encoding,
        contentType: 'application/x-protobuf',
      });
    }
    expect((await send(fakeClient(), { 'content-encoding': 'br' })).status).toBe(400);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'zstd' };
    const elsewhere = { method: 'POST', headers, body: 'x' };
    expect((await request(fakeApi(fakeClient()), '/loki/api/v1/push', elsewhere)).status).toBe(400);
  });

  it('is refused in the words its exporters read: a google.rpc.Status without a code', async () => {
    const reply = await send(refusing(fault('bad-request', 'no')));
    expect(reply).toMatchObject({ status: 400, headers: { 'content-type': 'application/octet-stream' } });
    expect([...reply.bytes]).toEqual([0x12, 2, ...Buffer.from('no')]);
  });

  it.each([
    [fault('internal', 'x'), 503],
    [fault('storage-full', 'x'), 503],
    [fault('unavailable', 'x'), 503],
    [fault('timeout', 'x'), 504],
    [fault('limited', 'x'), 429],
    [fault('too-large', 'x'), 413],
    [fault('empty', 'x'), 422],
  ])('whose fault is %j has a status on which exporters do the right thing', async (refusal, status) => {
    expect((await send(refusing(refusal))).status).toBe(status);
  });
});

describe('tenants', () => {
  it('a missing tenant is 401 in plain text without a newline', async () => {
    const reply = await request(fakeApi(fakeClient(), { authEnabled: true }), '/loki/api/v1/labels');
    expect(reply).toMatchObject({ status: 401, body: 'no org id' });
    expect(reply.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
  });

  it('endpoints about the process need none', async () => {
    const api = fakeApi(fakeClient(), { authEnabled: true });
    expect(await request(api, '/ready')).toMatchObject({ status: 200, body: 'ready\n' });
    expect(await request(api, '/metrics')).toMatchObject({ status: 200, body: 'up 1\n' });
    expect((await request(api, '/flush', { method: 'POST' })).status).toBe(204);
  });

  it('whatever stands in Authorization is ignored', async () => {
    const headers = { authorization: 'Basic: not base64' };
    expect((await request(fakeApi(fakeClient()), '/loki/api/v1/labels', { headers })).status).toBe(200);
  });
});

describe('push', () => {
  const body = '{"streams":[]}';
  const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' };

  it('hands body, type and tenant on, and answers 204 with nothing', async () => {
    const client = fakeClient();
    const reply = await request(fakeApi(client, { authEnabled: true }), '/loki/api/v1/push', {
      method: 'POST',
      headers: { ...jsonHeaders, 'x-scope-orgid': 'team-a' },
      body,
    });
    expect(reply).toMatchObject({ status: 204, body: '' });
    expect(client.calls).toEqual([
      {
        method: 'push',
        argument: {
          tenant: 'team-a',
          contentType: jsonHeaders['content-type'],
          body: Buffer.from(body),
          format: 'loki',
        },
      },
    ]);
  });

  it('on the older path says so', async () => {
    const client = fakeClient();
    await request(fakeApi(client), '/api/prom/push', { method: 'POST', headers: jsonHeaders, body });
    expect(client.calls[0]!.argument).toMatchObject({ format: 'legacy' });
  });

  it('does not take a body for a form', async () => {
    const client = fakeClient();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await request(fakeApi(client), '/loki/api/v1/push', { method: 'POST', headers, body });
    expect(client.calls[0]!.argument).toMatchObject({ body: Buffer.from(body) });
  });

  it.each(['', 'a b', '/json'])('with the content type "%s" is refused', async (type) => {
    const reply = await request(fakeApi(fakeClient()), '/loki/api/v1/push', {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(reply).toMatchObject({ status: 400, body: 'mime: no media type\n' });
  });

  it.each([
    ['limited', 429],
    ['empty', 422],
    ['too-large', 413],
    ['storage-full', 507],
    ['bad-request', 400],
  ] as const)('a fault %s is status %i, its message ended by a newline', async (code, status) => {
    const client = fakeClient({ push: async () => ({ ok: false, fault: fault(code, 'why') }) });
    const reply = await request(fakeApi(client), '/loki/api/v1/push', { method: 'POST', headers: jsonHeaders, body });
    expect(reply).toMatchObject({ status, body: 'why\n' });
    expect(reply.headers['retry-after']).toBe(status === 429 || status === 507 ? '1' : undefined);
  });
});

describe('queries', () => {
  async function asked(path: string, parameters: Record<string, string>, headers: Record<string, string> = {}) {
    const client = fakeClient();
    const reply = await request(fakeApi(client), `${path}?${search(parameters)}`, { headers });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=UTF-8');
    return client.calls[0]!.argument;
  }

  it('over a range take every parameter from the URL', async () => {
    const parameters = {
      query: '{app="x"}',
      start: '100',
      end: '200',
      step: '500ms',
      interval: '2',
      limit: '7',
      direction: 'FORWARD',
    };
    const headers = { 'x-loki-response-encoding-flags': 'categorize-labels', 'x-query-tags': 'Source=test' };
    expect(await asked('/loki/api/v1/query_range', parameters, headers)).toEqual({
      tenant: 'fake',
      query: '{app="x"}',
      mode: 'range',
      start: 100_000_000_000n,
      end: 200_000_000_000n,
      stepNs: 5e8,
      limit: 7,
      direction: 'forward',
      intervalNs: 2e9,
      categorizeLabels: true,
      explain: 'none',
      tags: 'Source=test',
    });
  });

  it('over a range have defaults for everything but the query', async () => {
    expect(await asked('/loki/api/v1/query_range', { query: '{app="x"}' })).toMatchObject({
      start: NOW - HOUR,
      end: NOW,
      stepNs: 14e9,
      limit: 100,
      direction: 'backward',
      intervalNs: 0,
      categorizeLabels: false,
    });
  });

  it('add the older regexp parameter as a line filter', async () => {
    expect(await asked('/loki/api/v1/query_range', { query: '{app="x"}', regexp: 'a"b' })).toMatchObject({
      query: '{app="x"} |~ "a\\"b"',
    });
  });

  it('at an instant start and end at their time', async () => {
    expect(await asked('/loki/api/v1/query', { query: 'vector(1)', time: '4000000000' })).toMatchObject({
      mode: 'instant',
      start: 4_000_000_000n * 1_000_000_000n,
      end: 4_000_000_000n * 1_000_000_000n,
      stepNs: 0,
    });
  });

  it('may be posted as a form, whose values come first', async () => {
    const client = fakeClient();
    await request(fakeApi(client), '/loki/api/v1/query_range?limit=5&direction=forward', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: search({ query: '{app="x"}', limit: '9' }),
    });
    expect(client.calls[0]!.argument).toMatchObject({ query: '{app="x"}', limit: 9, direction: 'forward' });
  });

  it('are refused in plain text, with the parse error as it is', async () => {
    const message = 'parse error at line 1, col 1: syntax error: unexpected $end';
    const client = fakeClient({ query: async () => ({ ok: false, fault: fault('bad-request', message) }) });
    const reply = await request(fakeApi(client), '/loki/api/v1/query?query=');
    expect(reply).toMatchObject({ status: 400, body: message });
    expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it('explain their plan when asked to', async () => {
    const client = fakeClient({ query: async () => ok({ ...EMPTY_ANSWER, explain: 'the plan' }) });
    const reply = await request(fakeApi(client), '/loki/api/v1/query_range?query=x&explain=analyze');
    expect(client.calls[0]!.argument).toMatchObject({ explain: 'analyze' });
    expect(JSON.parse(reply.body).data.explain).toBe('the plan');
    expect((await request(fakeApi(client), '/loki/api/v1/query?query=x&explain=yes')).status).toBe(400);
  });

  it('a handler that throws is a 500 with the message', async () => {
    const client = fakeClient({
      query: () => {
        throw new Error('boom');
      },
    });
    expect(await request(fakeApi(client), '/loki/api/v1/query?query=x')).toMatchObject({ status: 500, body: 'boom' });
  });
});

describe('metadata', () => {
  it('labels are a list, and there is no data when the list is empty', async () => {
    const client = fakeClient({ labels: async () => ok(['app', 'env']) });
    const some = await request(fakeApi(client), '/loki/api/v1/labels?query={}');
    expect(some.body).toBe('{"status":"success","data":["app","env"]}\n');
    expect(client.calls[0]!.argument).toEqual({ tenant: 'fake', start: NOW - HOUR, end: NOW, selectors: [] });
    const none = await request(fakeApi(fakeClient()), '/loki/api/v1/label');
    expect(none.body).toBe('{"status":"success"}\n');
  });

  it('label values take the name from the path, decoded', async () => {
    const client = fakeClient();
    await request(fakeApi(client), '/loki/api/v1/label/a%20b/values?query=%7Bx%3D%22y%22%7D');
    expect(client.calls[0]!.argument).toMatchObject({ name: 'a b', selectors: ['{x="y"}'] });
    expect((await request(fakeApi(client), '/loki/api/v1/label/%zz/values')).status).toBe(400);
    expect((await request(fakeApi(client), '/loki/api/v1/label//values')).status).toBe(404);
  });

  it('an end before the start is refused', async () => {
    expect((await request(fakeApi(fakeClient()), '/loki/api/v1/labels?start=2&end=1')).status).toBe(400);
  });

  it('series take both spellings of match, each selector once', async () => {
    const client = fakeClient({ series: async () => ok([[['app', 'x']]]) });
    const reply = await request(
      fakeApi(client),
      `/loki/api/v1/series?match=${encodeURIComponent('{a="1"}')}&match[]=${encodeURIComponent('{b="2"}')}` +
        `&match[]=${encodeURIComponent('{a="1"}')}`,
    );
    expect(client.calls[0]!.argument).toMatchObject({ selectors: ['{a="1"}', '{b="2"}'] });
    expect(reply.body).toBe('{"status":"success","data":[{"app":"x"}]}\n');
  });

  it('series without match, or with {} alone, are all series; {} among others is refused', async () => {
    const client = fakeClient();
    const none = await request(fakeApi(client), '/loki/api/v1/series');
    await request(fakeApi(client), '/loki/api/v1/series?match=%7B%20%7D');
    expect(client.calls.map((call) => call.argument)).toMatchObject([{ selectors: [] }, { selectors: [] }]);
    expect(none.body).toBe('{"status":"success","data":[]}\n');
    const mixed = await request(fakeApi(client), '/loki/api/v1/series?match={}&match=%7Ba%3D%221%22%7D');
    expect(mixed).toMatchObject({ status: 400, body: '0 matchers in group: {}' });
  });

  it('index/stats have no envelope and need a selector', async () => {
    const stats = { streams: 1, chunks: 2, bytes: 3, entries: 4 };
    const client = fakeClient({ indexStats: async () => ok(stats) });
    const reply = await request(fakeApi(client), '/loki/api/v1/index/stats?query=%7Ba%3D%221%22%7D');
    expect(JSON.parse(reply.body)).toEqual(stats);
    expect((await request(fakeApi(client), '/loki/api/v1/index/stats')).status).toBe(400);
  });
});

describe('the process', () => {
  it('is not ready for a reason', async () => {
    const client = fakeClient({ readiness: () => fault('unavailable', 'replaying the write-ahead log') });
    expect(await request(fakeApi(client), '/ready')).toMatchObject({
      status: 503,
      body: 'replaying the write-ahead log\n',
    });
  });

  it('tells its version without an envelope', async () => {
    const reply = await request(fakeApi(fakeClient()), '/loki/api/v1/status/buildinfo');
    expect(JSON.parse(reply.body)).toMatchObject({ version: '1.2.3' });
  });

  it('format_query answers in JSON, errors too', async () => {
    const client = fakeClient({
      formatQuery: (text) =>
        text === 'x' ? ok('formatted') : { ok: false, fault: fault('bad-request', 'parse error') },
    });
    expect((await request(fakeApi(client), '/loki/api/v1/format_query?query=x')).body).toBe(
      '{"status":"success","data":"formatted"}\n',
    );
    expect(await request(fakeApi(client), '/loki/api/v1/format_query?query=y')).toMatchObject({
      status: 400,
      body: '{"status":"invalid-query","error":"parse error"}',
    });
  });
});
