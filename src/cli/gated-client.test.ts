import { describe, expect, it } from 'vitest';
import { fakeClient, NOW } from '../../test/support/api.js';
import type { Client } from '../api/client.js';
import { fault } from '../wire/fault.js';
import { gatedClient, type Stage } from './gated-client.js';

const METRICS: Client['metrics'] = async () => ({ contentType: 'text/plain', text: 'up 1\n' });
const signal = new AbortController().signal;
const selection = { tenant: 't', start: NOW, end: NOW, selectors: [] };
const detection = { tenant: 't', query: '{}', start: NOW, end: NOW, lineLimit: 1, limit: 1, tags: '' };

/** Every call a client offers. */
const CALLS: Record<Exclude<keyof Client, 'metrics' | 'readiness'>, (client: Client) => unknown> = {
  push: (client) => client.push({ tenant: 't', contentType: '', body: Buffer.alloc(0), format: 'loki' }),
  query: (client) =>
    client.query(
      {
        ...{ tenant: 't', query: '{}', mode: 'range', start: NOW, end: NOW, stepNs: 1, limit: 1, direction: 'forward' },
        ...{ intervalNs: 0, categorizeLabels: false, explain: 'none', tags: '' },
      },
      signal,
    ),
  labels: (client) => client.labels(selection, signal),
  labelValues: (client) => client.labelValues({ ...selection, name: 'app' }, signal),
  series: (client) => client.series(selection, signal),
  indexStats: (client) => client.indexStats(selection, signal),
  indexShards: (client) => client.indexShards({ ...selection, targetBytes: 1 }, signal),
  volume: (client) =>
    client.volume({ ...selection, stepNs: 0, targetLabels: [], aggregateBy: 'series', limit: 1 }, signal),
  detectedLabels: (client) => client.detectedLabels(selection, signal),
  detectedFields: (client) => client.detectedFields(detection, signal),
  detectedFieldValues: (client) => client.detectedFieldValues({ ...detection, name: 'level' }, signal),
  patterns: (client) => client.patterns({ tenant: 't', selector: '{}', start: NOW, end: NOW, stepNs: 1 }, signal),
  tail: (client) =>
    client.tail(
      { tenant: 't', query: '{}', start: NOW, limit: 1, delayMs: 0, categorizeLabels: false, tags: '' },
      signal,
    ),
  flush: (client) => client.flush(),
  formatQuery: (client) => client.formatQuery('{app="x"}'),
};

const STARTING = fault('unavailable', 'Skald is starting: the write-ahead log is being read');
const STOPPING = fault('unavailable', 'Skald is stopping');

const AT_START = { kind: 'starting', at: 'the write-ahead log is being read' } as const;
const AT_END = { kind: 'stopping' } as const;

describe.each(Object.entries(CALLS))('%s', (_, call) => {
  it.each([
    [AT_START, STARTING],
    [AT_END, STOPPING],
  ])('is refused while %j', async (stage, why) => {
    expect(await call(gatedClient(() => stage, METRICS))).toEqual({ ok: false, fault: why });
  });

  it('goes through while running', async () => {
    const client = fakeClient();
    expect(await call(gatedClient(() => ({ kind: 'running', client }), METRICS))).toEqual(await call(client));
  });
});

describe('a server whose ingester was shut down', () => {
  const client = fakeClient();
  const retired = gatedClient(() => ({ kind: 'retired', client }), METRICS);
  const why = fault('unavailable', 'the ingester of this process was shut down');

  it('refuses pushes and is not ready', async () => {
    expect(await CALLS.push(retired)).toEqual({ ok: false, fault: why });
    expect(retired.readiness()).toEqual(why);
    expect(client.calls).toEqual([]);
  });

  it('goes on answering', async () => {
    for (const call of [CALLS.query, CALLS.labels, CALLS.flush, CALLS.formatQuery]) {
      expect(await call(retired)).toEqual(await call(client));
    }
  });
});

describe('a gated client', () => {
  it('follows the stages', async () => {
    const running = fakeClient();
    let stage: Stage = AT_START;
    const client = gatedClient(() => stage, METRICS);
    const readiness = () => client.readiness();
    expect(readiness()).toEqual(STARTING);
    stage = { kind: 'running', client: running };
    expect(readiness()).toBeUndefined();
    await CALLS.labels(client);
    expect(running.calls).toEqual([{ method: 'labels', argument: selection }]);
    stage = { kind: 'stopping' };
    expect(readiness()).toEqual(STOPPING);
    await CALLS.labels(client);
    expect(running.calls).toHaveLength(1);
  });

  it('shows metrics at every stage', async () => {
    for (const stage of [AT_START, AT_END]) {
      expect(await gatedClient(() => stage, METRICS).metrics()).toEqual({
        contentType: 'text/plain',
        text: 'up 1\n',
      });
    }
  });
});
