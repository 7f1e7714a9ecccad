import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, NOW, ok, request, search } from '../../test/support/api.js';
import { fault } from '../wire/fault.js';
import { labelsOf } from '../wire/labels.js';
import type { Outcome } from '../wire/query.js';
import type { TailFrame, TailRequest } from '../wire/tail.js';
import type { TailReader } from './client.js';
import { dispatch } from './dispatch.js';

const UPGRADE = { connection: 'keep-alive, Upgrade', upgrade: 'websocket' };
const signal = new AbortController().signal;

/** A tail that says these things. */
function saying(...outcomes: Outcome<TailFrame>[]): TailReader & { closed: number } {
  const reader = { closed: 0, next: async () => outcomes.shift()!, close: () => void reader.closed++ };
  return reader;
}

async function opened(path: string, reader: TailReader, headers: Record<string, string> = {}) {
  const client = fakeClient({ tail: async () => ok(reader) });
  const all: Record<string, string> = { ...UPGRADE, ...headers };
  const { response } = await dispatch(
    {
      ...{ method: 'GET', url: `${path}?query=x`, signal, readBody: async () => Buffer.alloc(0) },
      header: (name) => all[name] ?? '',
    },
    fakeApi(client),
  );
  expect(response.status).toBe(101);
  return response.tail!;
}

async function asked(parameters: Record<string, string>, headers = {}): Promise<TailRequest> {
  const client = fakeClient();
  const reply = await request(fakeApi(client), `/loki/api/v1/tail?${search(parameters)}`, {
    headers: { ...UPGRADE, ...headers },
  });
  expect(reply.status).toBe(101);
  return client.calls[0]!.argument as TailRequest;
}

const ENTRY = { labels: labelsOf({ app: 'a' }), entries: [{ time: 5n, line: 'x' }] };

describe('a request to follow', () => {
  it('is for a hundred entries of the last hour and no delay, unless it says otherwise', async () => {
    expect(await asked({ query: '{app="a"}' })).toEqual({
      ...{ tenant: 'fake', query: '{app="a"}', start: NOW - 3600n * 1_000_000_000n, limit: 100, delayMs: 0 },
      ...{ categorizeLabels: false, tags: '' },
    });
    const headers = { 'x-loki-response-encoding-flags': 'categorize-labels', 'x-query-tags': 'Source=x' };
    expect(await asked({ query: 'q', limit: '7', delay_for: '5', start: '10' }, headers)).toMatchObject({
      ...{ limit: 7, delayMs: 5000, start: 10_000_000_000n, categorizeLabels: true, tags: 'Source=x' },
    });
  });

  it.each([
    ['delay_for=6', "delay_for can't be greater than 5"],
    ['delay_for=x', 'strconv.Atoi: parsing "x": invalid syntax'],
    ['limit=0', 'limit must be a positive value'],
    ['start=x', 'could not parse \'start\' parameter: strconv.ParseInt: parsing "x": invalid syntax'],
  ])('with %s is 400', async (parameters, body) => {
    const client = fakeClient();
    const reply = await request(fakeApi(client), `/api/prom/tail?query=x&${parameters}`, { headers: UPGRADE });
    expect(reply).toMatchObject({ status: 400, body });
    expect(client.calls).toEqual([]);
  });

  it('that is none for a WebSocket is 400', async () => {
    for (const headers of [{}, { upgrade: 'websocket' }, { ...UPGRADE, upgrade: 'h2c' }]) {
      const reply = await request(fakeApi(fakeClient()), '/loki/api/v1/tail?query=x', { headers });
      expect(reply).toMatchObject({ status: 400, body: expect.stringContaining('websocket') });
    }
  });

  it('that cannot be served is answered, but for too many of them, which is said over the socket', async () => {
    const refusing = (code: 'bad-request' | 'limited') =>
      fakeApi(fakeClient({ tail: async () => ({ ok: false, fault: fault(code, 'why') }) }));
    const reply = await request(refusing('bad-request'), '/loki/api/v1/tail?query=x', { headers: UPGRADE });
    expect(reply).toMatchObject({ status: 400, body: 'why' });
    const { response } = await dispatch(
      {
        ...{ method: 'GET', url: '/loki/api/v1/tail', signal, readBody: async () => Buffer.alloc(0) },
        header: (name) => ({ ...UPGRADE })[name as 'upgrade'] ?? '',
      },
      refusing('limited'),
    );
    expect(await response.tail!.next(signal)).toMatchObject({ ok: false, fault: { message: 'why' } });
  });
});

describe('what follows', () => {
  it('has Loki’s shape', async () => {
    const dropped = [{ time: 7n, labels: labelsOf({ app: 'b' }) }];
    const tail = await opened('/loki/api/v1/tail', saying(ok({ streams: [ENTRY, ENTRY], dropped })));
    expect(await tail.next(signal)).toEqual(
      ok(
        '{"streams":[{"stream":{"app":"a"},"values":[["5","x"]]},{"stream":{"app":"a"},"values":[["5","x"]]}],' +
          '"dropped_entries":[{"timestamp":"7","labels":{"app":"b"}}]}',
      ),
    );
  });

  it('has a third element with categorised labels', async () => {
    const entry = { ...ENTRY.entries[0]!, structuredMetadata: labelsOf({ t: '1' }), parsed: [] };
    const frame = { streams: [{ ...ENTRY, entries: [entry] }], dropped: [] };
    const headers = { 'x-loki-response-encoding-flags': 'categorize-labels' };
    const tail = await opened('/loki/api/v1/tail', saying(ok(frame)), headers);
    expect(await tail.next(signal)).toEqual(
      ok(
        '{"streams":[{"stream":{"app":"a"},"values":[["5","x",{"structuredMetadata":{"t":"1"}}]]}],' +
          '"encodingFlags":["categorize-labels"]}',
      ),
    );
  });

  it('has the older shape under the older name', async () => {
    const dropped = [{ time: 7n, labels: labelsOf({ app: 'b' }) }];
    const tail = await opened('/api/prom/tail', saying(ok({ streams: [ENTRY], dropped })));
    expect(await tail.next(signal)).toEqual(
      ok(
        '{"streams":[{"labels":"{app=\\"a\\"}","entries":[{"ts":"1970-01-01T00:00:00.000000005Z","line":"x"}]}],' +
          '"dropped_entries":[{"timestamp":"1970-01-01T00:00:00.000000007Z","labels":"{app=\\"b\\"}"}]}',
      ),
    );
  });

  it('leaves out answers with nothing, and ends with the fault', async () => {
    const nothing = ok({ streams: [], dropped: [] });
    const end = { ok: false, fault: fault('timeout', 'over') } as const;
    const reader = saying(nothing, nothing, ok({ streams: [ENTRY], dropped: [] }), nothing, end);
    const tail = await opened('/loki/api/v1/tail', reader);
    expect(await tail.next(signal)).toMatchObject({ ok: true });
    expect(await tail.next(signal)).toEqual(end);
    tail.close();
    expect(reader.closed).toBe(1);
  });
});
