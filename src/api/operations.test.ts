import { beforeEach, describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, fakeProcess, ok, request } from '../../test/support/api.js';
import { fault } from '../wire/fault.js';
import type { Api } from './exchange.js';
import type { Process } from './process.js';

let calls: unknown[];

function apiOf(answers: Partial<Process> = {}): Api {
  const process = fakeProcess({
    setLogLevel: (level) => calls.push(`level ${level}`) > 0 && level === 'debug',
    prepareShutdown: (prepared) => void calls.push(`prepared ${prepared}`),
    shutdown: async (how) => {
      calls.push(how);
      return ok(undefined);
    },
    ...answers,
  });
  return fakeApi(fakeClient(), { authEnabled: true, process });
}

beforeEach(() => {
  calls = [];
});

describe('configuration', () => {
  it.each([
    ['/config', 'mode: effective\n'],
    ['/config?mode=diff', 'mode: diff\n'],
    ['/config?mode=defaults', 'mode: defaults\n'],
  ])('%s is YAML and needs no tenant', async (path, body) => {
    const reply = await request(apiOf(), path);
    expect(reply).toMatchObject({ status: 200, body });
    expect(reply.headers['content-type']).toBe('application/yaml; charset=utf-8');
  });

  it('another mode is refused', async () => {
    expect(await request(apiOf(), '/config?mode=x')).toMatchObject({ status: 400 });
  });

  it('limits are those of the tenant who asks, and of nobody without one', async () => {
    const path = '/config/tenant/v1/limits';
    expect((await request(apiOf(), path, { headers: { 'x-scope-orgid': 'a' } })).body).toBe('tenant: a\n');
    expect((await request(apiOf(), path)).status).toBe(401);
    const many = fakeApi(fakeClient(), { authEnabled: true, multiTenantQueries: true });
    expect((await request(many, path, { headers: { 'x-scope-orgid': 'a|b' } })).body).toBe(
      'multiple org IDs present\n',
    );
  });
});

it('services are a line each', async () => {
  const api = apiOf({
    services: () => [
      { name: 'server', state: 'Running' },
      { name: 'ingester', state: 'Terminated' },
    ],
  });
  expect((await request(api, '/services')).body).toBe('server => Running\ningester => Terminated\n');
});

describe('the log level', () => {
  it('is told', async () => {
    expect((await request(apiOf(), '/log_level')).body).toBe('{"message":"Current log level is info"}\n');
  });

  it('is set by parameter or form', async () => {
    const answer = { status: 200, body: '{"status":"success","message":"Log level set to debug"}\n' };
    expect(await request(apiOf(), '/log_level?log_level=debug', { method: 'POST' })).toMatchObject(answer);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = { method: 'POST', headers, body: 'log_level=debug' };
    expect(await request(apiOf(), '/log_level', form)).toMatchObject(answer);
    expect(calls).toEqual(['level debug', 'level debug']);
  });

  it('that there is not is refused', async () => {
    expect(await request(apiOf(), '/log_level?log_level="', { method: 'POST' })).toMatchObject({
      ...{ status: 400, body: '{"status":"failed","message":"unrecognized log level \\"\\"\\""}\n' },
    });
  });
});

describe('shutting down', () => {
  it.each([
    ['/ingester/shutdown', { flush: true, terminate: true }],
    ['/ingester/shutdown?flush=false&terminate=false&delete_ring_tokens=true', { flush: false, terminate: false }],
    ['/ingester/flush_shutdown', { flush: true, terminate: false }],
  ])('POST %s does what it says', async (path, how) => {
    expect(await request(apiOf(), path, { method: 'POST' })).toMatchObject({ status: 204, body: '' });
    expect(calls).toEqual([how]);
  });

  it('is not done by looking at it', async () => {
    expect((await request(apiOf(), '/ingester/shutdown')).status).toBe(405);
    expect(calls).toEqual([]);
  });

  it('is not done for a flag that is none', async () => {
    const reply = await request(apiOf(), '/ingester/shutdown?terminate=maybe', { method: 'POST' });
    expect(reply).toMatchObject({ status: 400, body: "invalid terminate 'maybe': use true or false\n" });
    expect(calls).toEqual([]);
  });

  it('says when memory could not be flushed', async () => {
    const shutdown = async () => ({ ok: false, fault: fault('unavailable', 'no space') }) as const;
    expect(await request(apiOf({ shutdown }), '/ingester/flush_shutdown', { method: 'POST' })).toMatchObject({
      ...{ status: 503, body: 'no space\n' },
    });
  });

  it('is prepared, asked for, and called off', async () => {
    const path = '/ingester/prepare_shutdown';
    expect((await request(apiOf(), path)).body).toBe('unset');
    expect((await request(apiOf({ isShutdownPrepared: () => true }), path)).body).toBe('set');
    expect((await request(apiOf(), path, { method: 'POST' })).status).toBe(204);
    expect((await request(apiOf(), path, { method: 'DELETE' })).status).toBe(204);
    expect(calls).toEqual(['prepared true', 'prepared false']);
  });
});

describe('a web page of another site', () => {
  it.each(['/ingester/shutdown', '/ingester/flush_shutdown', '/ingester/prepare_shutdown', '/flush', '/log_level'])(
    'cannot POST %s',
    async (path) => {
      for (const site of ['cross-site', 'same-site']) {
        const headers = { 'sec-fetch-site': site, 'x-scope-orgid': 'a' };
        expect((await request(apiOf(), path, { method: 'POST', headers })).status).toBe(403);
      }
      expect(calls).toEqual([]);
    },
  );

  it('is not the address bar', async () => {
    const headers = { 'sec-fetch-site': 'none' };
    expect((await request(apiOf(), '/flush', { headers })).status).toBe(204);
  });
});

it('flushing and synchronising have nothing to say', async () => {
  const headers = { 'x-scope-orgid': 'a' };
  expect(await request(apiOf(), '/flush/tenant', { method: 'POST', headers })).toMatchObject({ status: 204 });
  expect(await request(apiOf(), '/sync-indexes', { method: 'PUT' })).toMatchObject({ status: 204 });
  expect((await request(apiOf(), '/loki/api/v1/cache/generation_numbers', { headers })).body).toBe('""\n');
});
