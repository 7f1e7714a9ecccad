import { beforeEach, describe, expect, it } from 'vitest';
import { fakeClient, ok } from '../../test/support/api.js';
import type { Process } from '../api/process.js';
import { fault } from '../wire/fault.js';
import { DEFAULT_LIMITS } from '../wire/limits.js';
import { loadConfig } from './config.js';
import type { Stage } from './gated-client.js';
import { LimitsBook } from './limits-book.js';
import { processControl } from './process-control.js';

let stage: Stage;
let log: { level: string; levels: { values: Record<string, number> } };
let calls: string[];
let control: Process;
let flushes: boolean;

beforeEach(() => {
  calls = [];
  flushes = true;
  const client = fakeClient({
    flush: async () => {
      calls.push('flush');
      return flushes ? ok(undefined) : { ok: false, fault: fault('unavailable', 'disk full') };
    },
  });
  stage = { kind: 'running', client };
  log = { level: 'info', levels: { values: { debug: 20, info: 30 } } };
  control = controlOf('all');
});

function controlOf(role: string): Process {
  return processControl({
    config: loadConfig({ environment: {}, assignments: ['limits.max_query_series=7'], flags: { role } }),
    book: new LimitsBook(DEFAULT_LIMITS),
    log,
    stage: () => stage,
    system: () => undefined,
    now: () => 7,
    retire: () => {
      calls.push('retire');
      if ('client' in stage) stage = { kind: 'retired', client: stage.client };
    },
    terminate: (flush) => void calls.push(`terminate flush=${flush}`),
  });
}

const states = (): string =>
  control
    .services()
    .map(({ state }) => state[0])
    .join('');

describe('a single process', () => {
  it('shows what state its services are in', () => {
    expect(states()).toBe('RRRRRR');
    stage = { kind: 'starting', at: 'its files are being opened' };
    expect(states()).toBe('RSSSSS');
    stage = { kind: 'stopping' };
    expect(control.services()[1]).toEqual({ name: 'distributor', state: 'Stopping' });
  });

  it('prints what was set, what is in force and the defaults', () => {
    expect(control.config('diff')).toBe('limits:\n  max_query_series: 7\n');
    expect(control.config('effective')).toContain('max_query_series: 7\n');
    expect(control.config('defaults')).toContain('max_query_series: 500\n');
    expect(control.tenantLimits('a')).toContain('max_query_series: 500\n');
  });

  it('changes the level of its log to one that there is', () => {
    expect([control.setLogLevel('debug'), log.level]).toEqual([true, 'debug']);
    expect([control.setLogLevel('constructor'), control.logLevel()]).toEqual([false, 'debug']);
    expect(control.setLogLevel('silent')).toBe(true);
  });

  it('remembers that its end is prepared', () => {
    control.prepareShutdown(true);
    expect(control.isShutdownPrepared()).toBe(true);
    control.prepareShutdown(false);
    expect(control.isShutdownPrepared()).toBe(false);
  });
});

describe('a part of a cluster', () => {
  it('lists the services that it has', () => {
    expect(
      controlOf('scheduler,querier')
        .services()
        .map(({ name }) => name),
    ).toEqual(['server', 'querier', 'scheduler']);
  });

  it('without an ingester has none to shut down', async () => {
    const refused = await controlOf('querier').shutdown({ flush: true, terminate: true });
    expect(refused).toMatchObject({ ok: false, fault: { code: 'not-found' } });
    expect(calls).toEqual([]);
  });
});

describe('a shutdown by request', () => {
  it('refuses pushes before it flushes, so that nothing is left', async () => {
    expect(await control.shutdown({ flush: true, terminate: false })).toEqual(ok(undefined));
    expect(calls).toEqual(['retire', 'flush']);
    expect(states()).toBe('RTTRRR');
  });

  it('ends the process, also where memory could not be flushed: the log has it', async () => {
    flushes = false;
    expect(await control.shutdown({ flush: true, terminate: true })).toMatchObject({ ok: false });
    expect(calls).toEqual(['retire', 'flush', 'terminate flush=true']);
  });

  it('leaves memory to the log when told to', async () => {
    await control.shutdown({ flush: false, terminate: true });
    expect(calls).toEqual(['retire', 'terminate flush=false']);
  });
});
