import { beforeEach, describe, expect, it } from 'vitest';
import type { TestRow } from '../../../test/support/build-input.js';
import { QuerySystem, SECOND, T0 } from '../../../test/support/query-system.js';
import type { LabelsMessage } from '../../wire/message.js';

const row = (seconds: number, labels: Record<string, string>): TestRow => ({
  labels,
  time: T0 + BigInt(seconds) * SECOND,
  line: 'ten bytes!',
});

let system: QuerySystem;
beforeEach(async () => {
  system = new QuerySystem();
  system.push([
    row(1, { app: 'b', env: 'prod' }),
    row(2, { app: 'a', env: 'prod' }),
    row(3, { app: 'a', env: 'prod' }),
  ]);
  await system.flush();
  system.push([row(4, { app: 'a', env: 'prod' }), row(5, { app: 'c', zone: 'z' })]);
});

const names = async (what: LabelsMessage['what'], selectors: readonly string[] = [], name = ''): Promise<unknown> => {
  const reply = await system.metadata(what, selectors, name);
  return reply.kind === 'names' ? reply.names : reply;
};

describe('questions about streams', () => {
  it('are answered from memory and objects together, sorted, each once', async () => {
    expect(await names('labels')).toEqual(['app', 'env', 'zone']);
    expect(await names('values', [], 'app')).toEqual(['a', 'b', 'c']);
    expect(await names('values', [], 'env')).toEqual(['prod']);
    expect(await names('values', [], 'nothing')).toEqual([]);
  });

  it('heed selectors, several as any of them', async () => {
    expect(await names('labels', ['{app="c"}'])).toEqual(['app', 'zone']);
    expect(await names('values', ['{app="c"}', '{app="b"}'], 'app')).toEqual(['b', 'c']);
    expect(await names('values', ['{app=~"a|b", env!="prod"}'], 'app')).toEqual([]);
  });

  it('list every label set once, although it is in memory and in an object or meets two selectors', async () => {
    const reply = await system.metadata('series', ['{app=~".+"}', '{env="prod"}']);
    if (reply.kind !== 'series') throw new Error(JSON.stringify(reply));
    expect(reply.series.map((labels) => JSON.stringify(labels)).sort()).toEqual([
      '[["app","a"],["env","prod"]]',
      '[["app","b"],["env","prod"]]',
      '[["app","c"],["zone","z"]]',
    ]);
  });

  it('count streams, entries and bytes, once for all selectors', async () => {
    const all = { streams: 3, chunks: 4, entries: 5, bytes: 50 };
    expect(await system.metadata('stats')).toEqual({ kind: 'stats', stats: all });
    expect(await system.metadata('stats', ['{app=~".+"}', '{env="prod"}'])).toEqual({ kind: 'stats', stats: all });
    expect(await system.metadata('stats', ['{app="b"}'])).toMatchObject({
      stats: { streams: 1, entries: 1, chunks: 1 },
    });
  });

  it("with a selector that is none are refused as the caller's mistake", async () => {
    expect(await system.metadata('series', ['{app='])).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
  });

  it('miss nothing when memory is flushed while they are answered', async () => {
    system.at = (step) => (step === 'live answered' ? system.flush() : undefined);
    expect(await names('values', [], 'app')).toEqual(['a', 'b', 'c']);
  });
});
