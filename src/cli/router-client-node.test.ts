import { describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, NOW } from '../../test/support/api.js';
import { requestOf } from '../../test/support/query-system.js';
import type { RingInstance } from '../actors/ring/instances.js';
import type { AskOptions, Router } from '../actors/runtime/router.js';
import type { Client } from '../api/client.js';
import { address, type Role } from '../wire/address.js';
import { fault } from '../wire/fault.js';
import { DEFAULT_LIMITS } from '../wire/limits.js';
import type { Message, Reply } from '../wire/message.js';
import { Metrics } from './metrics-node.js';
import { routerClient } from './router-client-node.js';

interface Asked {
  readonly to: string;
  readonly message: Message;
  readonly options: AskOptions;
}

const signal = new AbortController().signal;
const selection = { tenant: 't', start: NOW, end: NOW, selectors: ['{app="x"}'] };

function clientOf(reply: Reply, keeper = true): { client: Client; asked: Asked[] } {
  const asked: Asked[] = [];
  const router: Router = {
    register: () => () => {},
    tell: () => {},
    ask: async (_, to, message, options) => {
      asked.push({ to, message, options });
      return reply;
    },
  };
  const addresses = (role: string): string[] => [`${role}/0`];
  const peers = {
    ...{ addresses, reachable: addresses },
    keeper: (role: Role) => (keeper ? address(role, '0') : undefined),
    instances: (): RingInstance[] => [{ name: '0', state: 'UNHEALTHY', address: '', zone: '', registeredMs: 0 }],
  };
  const limits = () => ({ ...DEFAULT_LIMITS, query_timeout_ms: 1000 });
  return { client: routerClient({ name: '0', router, metrics: new Metrics(), peers, limits }), asked };
}

const STATS = { streams: 1, chunks: 2, bytes: 3, entries: 4 };
const PUSH = { tenant: 't', contentType: '', body: Buffer.alloc(0), format: 'loki' as const };
const labels = (what: 'labels' | 'values' | 'series' | 'stats', name = ''): object => ({
  ...{ kind: 'labels', what, name, request: expect.objectContaining(selection) },
});

const PATTERNS = { tenant: 't', selector: '{a="b"}', start: 0n, end: 1n, stepNs: 10e9 };

type Case = readonly [
  string,
  (client: Client) => Promise<unknown>,
  Reply,
  unknown,
  to: string,
  object,
  timeoutMs: number,
];

const CASES: readonly Case[] = [
  ['push', (c) => c.push(PUSH), { kind: 'ok' }, undefined, 'distributor/0', { kind: 'push' }, 30_000],
  [
    ...(['query', (c: Client) => c.query(requestOf('{a="b"}'), signal)] as const),
    ...([
      { kind: 'answer', answer: EMPTY_ANSWER },
      EMPTY_ANSWER,
      'querier/0',
      { kind: 'query', signal },
      6000,
    ] as const),
  ],
  [
    'labels',
    (c) => c.labels(selection, signal),
    { kind: 'names', names: ['a'] },
    ['a'],
    'querier/0',
    labels('labels'),
    6000,
  ],
  [
    ...(['label values', (c: Client) => c.labelValues({ ...selection, name: 'app' }, signal)] as const),
    ...([{ kind: 'names', names: ['a'] }, ['a'], 'querier/0', labels('values', 'app'), 6000] as const),
  ],
  [
    'series',
    (c) => c.series(selection, signal),
    { kind: 'series', series: [] },
    [],
    'querier/0',
    labels('series'),
    6000,
  ],
  [
    'index stats',
    (c) => c.indexStats(selection, signal),
    { kind: 'stats', stats: STATS },
    STATS,
    'querier/0',
    labels('stats'),
    6000,
  ],
  [
    ...(['patterns', (c: Client) => c.patterns(PATTERNS, signal)] as const),
    ...([{ kind: 'patterns', patterns: [] }, [], 'patterns/0', { kind: 'patterns', request: PATTERNS }, 6000] as const),
  ],
  ['flush', (c) => c.flush(), { kind: 'ok' }, undefined, 'ingester/0', { kind: 'flush' }, 300_000],
];

describe.each(CASES)('%s', (_, call, reply, value, to, message, timeoutMs) => {
  it('asks the actor in charge and hands on its answer', async () => {
    const { client, asked } = clientOf(reply);
    expect(await call(client)).toEqual({ ok: true, value });
    expect(asked).toMatchObject([{ to, message, options: { timeoutMs } }]);
  });

  it('hands on a fault', async () => {
    const why = fault('limited', 'too many outstanding requests');
    expect(await call(clientOf({ kind: 'fault', fault: why }).client)).toEqual({ ok: false, fault: why });
  });

  it('calls any other answer an internal error', async () => {
    const { client } = clientOf({ kind: 'live', snapshot: { ingester: '0', memtables: [] } });
    expect(await call(client)).toEqual({ ok: false, fault: fault('internal', 'unexpected answer: live') });
  });
});

describe('patterns whose keeper is not there', () => {
  const why = 'nobody who keeps log patterns is healthy: try again later';
  const { client, asked } = clientOf({ kind: 'ok' }, false);

  it('are refused, with a word on how to go on without them', async () => {
    expect(await client.patterns(PATTERNS, signal)).toEqual({
      ok: false,
      fault: fault('unavailable', `${why}; or allow partial results with allow_partial=true`),
    });
  });

  it('are none, with a warning, where that is allowed', async () => {
    const partial = await client.patterns({ ...PATTERNS, allowPartial: true }, signal);
    expect(partial).toEqual({ ok: true, value: [], warnings: [`results are partial: ${why}`] });
    expect(asked).toEqual([]);
  });

  it('are refused all the same when the keeper refuses them', async () => {
    const limited = fault('limited', 'too many');
    const refusing = clientOf({ kind: 'fault', fault: limited }).client;
    expect(await refusing.patterns({ ...PATTERNS, allowPartial: true }, signal)).toEqual({ ok: false, fault: limited });
  });
});

describe('formatting a query', () => {
  const { client } = clientOf({ kind: 'ok' });

  it('asks nobody', () =>
    expect(client.formatQuery('{app="x"}|="y"')).toEqual({ ok: true, value: '{app="x"} |= "y"' }));

  it('that is none says where', () => {
    expect(client.formatQuery('{app=')).toMatchObject({ ok: false, fault: { code: 'bad-request' } });
  });
});
