import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import { transferred } from '../../../test/support/transfer.js';
import type { TableSelector } from '../../planning/facts.js';
import type { MetastoreReader, ResolveRequest } from '../../storage/metastore/types.js';
import { fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import type { LiveMemtable } from '../../wire/messages/live.js';
import type { TimeRange } from '../../wire/time.js';
import { LocalRouter } from '../runtime/router-local.js';
import { Resolver } from './resolve.js';
import { DEFAULT_QUERIER_TIMES, type QuerierSettings } from './settings.js';

const SELECTOR: TableSelector = {
  matchers: [{ name: 'app', op: '=~', value: 'x|y' }],
  range: { start: 0n, end: 100n },
  needles: [],
  metadataEquals: [],
};
const MEMTABLE: LiveMemtable = { snapshot: 'm', fromSeq: 1, toSeq: 2, streams: [], rows: 1, bytes: 1 };
const LOOK = { query: 'q', signal: new AbortController().signal };

let calls: string[];
/** What the catalogue leaves for later. */
let rest: TimeRange | undefined;
let replies: Record<string, Reply>;
let resolver: Resolver;
let resolverWith: (settings: Partial<QuerierSettings>) => Resolver;
let released: string[];
let clock: SimScheduler;

const unused = (): never => {
  throw new Error('not asked here');
};

beforeEach(() => {
  calls = [];
  rest = undefined;
  released = [];
  clock = new SimScheduler(new SeededRandom(1), 0);
  const live = (ingester: string, memtables: readonly LiveMemtable[]): Reply => ({
    kind: 'live',
    snapshot: { ingester, memtables },
  });
  replies = { 'ingester/a': live('a', [MEMTABLE]), 'ingester/b': live('b', []) };
  const router = new LocalRouter({ clock, transfer: transferred });
  for (const address of ['ingester/a', 'ingester/b']) {
    router.register(address, ({ message, ask }) => {
      if (message.kind === 'live.release') released.push(`${address} ${message.query}`);
      if (message.kind !== 'live.resolve') return;
      calls.push(`${address} ${message.tenant} ${message.query}`);
      ask!.reply(replies[address]!);
    });
  }
  const metastore: MetastoreReader = {
    ...{ sections: unused, labels: unused, values: unused, series: unused, parts: unused, copies: unused },
    coverage: async (tenant, writer) => {
      calls.push(`coverage ${tenant} ${writer}`);
      return [{ window: 0n, ranges: [[1, 1]] }];
    },
  };
  const catalog = {
    resolve: async ({ tenant, matchers, range, enough }: ResolveRequest) => {
      const upTo = enough ? ` ${range.start}-${range.end}, ${enough.bytes} bytes of ${enough.storedBytesMax}` : '';
      calls.push(`catalog ${tenant} ${['x', 'xy'].map((value) => matchers[0]!.matches(value))}${upTo}`);
      return { sections: [], damaged: [], objects: 0, sectionsTotal: 0, ...(enough && rest && { rest }) };
    },
  };
  resolverWith = (settings) =>
    new Resolver('querier/0', router, catalog, metastore, {
      ...{ ingesters: () => ['ingester/a', 'ingester/b'], schedulers: () => [] },
      ...{ ...DEFAULT_QUERIER_TIMES, resolveTimeoutMs: 50, windowNs: 10n, ...settings },
    });
  resolver = resolverWith({});
});

describe('looking a selector up', () => {
  it('asks every ingester first, then for the coverage of those that hold anything, then the catalogue', async () => {
    const resolved = await resolver.resolve('t', SELECTOR, LOOK);
    expect(calls).toEqual(['ingester/a t q', 'ingester/b t q', 'coverage t a', 'catalog t true,false']);
    expect(resolved.live.map(({ address, coverage }) => [address, coverage.length])).toEqual([
      ['ingester/a', 1],
      ['ingester/b', 0],
    ]);
  });

  it('goes on from where the catalogue had enough, with four times as much and the same memory', async () => {
    rest = { start: 0n, end: 60n };
    const enough = { newestFirst: true, rows: 10, bytes: 1000, storedBytesMax: 5000 };
    const first = await resolver.targets('t', SELECTOR, { ...LOOK, enough });
    expect(first.part?.range).toEqual({ start: 60n, end: 100n });
    rest = undefined;
    const second = await first.part!.next!();
    expect(second.part).toEqual({ range: { start: 0n, end: 60n } });
    expect(calls).toEqual([
      ...['ingester/a t q', 'ingester/b t q', 'coverage t a'],
      ...['catalog t true,false 0-100, 1000 bytes of 4999', 'catalog t true,false 0-60, 4000 bytes of 4999'],
    ]);
    const windows = [first, second].flatMap(({ targets }) =>
      targets.map((each) => each.kind === 'live' && each.windows),
    );
    expect(windows).toEqual([[{ start: 60n, end: 100n }], [{ start: 0n, end: 60n }]]);
  });

  it('fails when an ingester does, since its memory belongs to the answer', async () => {
    replies['ingester/b'] = { kind: 'fault', fault: fault('unavailable', 'starting') };
    await expect(resolver.resolve('t', SELECTOR, LOOK)).rejects.toMatchObject({
      fault: {
        code: 'unavailable',
        message:
          '1 of 2 ingesters do not answer (ingester/b: starting); try again, or allow partial results with allow_partial=true',
      },
    });
    expect(calls).not.toContain('catalog t true,false');
  });

  it('fails when one does not answer and another was away when all were asked, be it back by then (simulation seed 14421)', async () => {
    let [present, left] = [['ingester/a', 'ingester/b'], ['ingester/c']];
    resolver = resolverWith({ ingesters: () => present, leftIngesters: () => left, replicationFactor: 3 });
    replies['ingester/b'] = { kind: 'fault', fault: fault('timeout', 'silent') };
    const answer = resolver.resolve('t', SELECTOR, LOOK);
    [present, left] = [[...present, 'ingester/c'], []];
    await expect(answer).rejects.toThrow('ingester/c left or came meanwhile and may hold what is theirs');
  });

  it('goes on without an ingester where that is allowed, and says so', async () => {
    replies['ingester/b'] = { kind: 'fault', fault: fault('unavailable', 'starting') };
    const { targets, warnings } = await resolver.targets('t', SELECTOR, { ...LOOK, allowPartial: true });
    expect(targets).toHaveLength(1);
    expect(warnings).toEqual(['results are partial: 1 of 2 ingesters do not answer (ingester/b: starting)']);
  });

  it('fails at once with a fault that other ingesters would have too', async () => {
    replies['ingester/b'] = { kind: 'fault', fault: fault('internal', 'a bug') };
    const partial = { ...LOOK, allowPartial: true };
    await expect(resolver.resolve('t', SELECTOR, partial)).rejects.toMatchObject({ fault: { code: 'internal' } });
  });

  it('fails when an ingester answers something else', async () => {
    replies['ingester/b'] = { kind: 'ok' };
    await expect(resolver.resolve('t', SELECTOR, LOOK)).rejects.toThrow('ingester/b answered live.resolve with ok');
  });

  it('for several tenants is done for each that the selector allows, and for no other', async () => {
    const streams = [{ id: 3, labels: [], key: '{}', minTime: 1n, maxTime: 2n, rows: 1, bytes: 1 }];
    replies['ingester/a'] = { kind: 'live', snapshot: { ingester: 'a', memtables: [{ ...MEMTABLE, streams }] } };
    const tenantMatchers = [{ name: '__tenant_id__', op: '=~', value: 's|t|elsewhere' }] as const;
    const selector = { ...SELECTOR, matchers: [...SELECTOR.matchers, ...tenantMatchers] };
    const { targets } = await resolver.targets('r|s|t', selector, LOOK);
    expect(calls.filter((call) => call.startsWith('catalog'))).toEqual([
      'catalog s true,false',
      'catalog t true,false',
    ]);
    expect(calls.filter((call) => / (?:r|elsewhere)\b/.test(call))).toEqual([]);
    expect(targets.map(({ tenant }) => tenant)).toEqual(['s', 't']);
  });

  it('for one tenant knows no label of tenants', async () => {
    const { targets } = await resolver.targets('t', SELECTOR, LOOK);
    expect(targets).toHaveLength(1);
    expect(targets[0]).not.toHaveProperty('tenant');
    expect(calls).toContain('catalog t true,false');
  });

  it('is undone at every ingester', async () => {
    resolver.release('q');
    await clock.settle();
    expect(released).toEqual(['ingester/a q', 'ingester/b q']);
  });
});
