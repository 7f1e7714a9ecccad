import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, request } from '../../test/support/api.js';
import { fault } from '../wire/fault.js';

const headers = { 'content-type': 'application/x-protobuf' };

/** The message of a google.rpc.Status that has nothing else, as Loki's have not. */
function messageOf(bytes: Uint8Array): string {
  expect([...bytes.subarray(0, 2)]).toEqual([(2 << 3) | 2, bytes.length - 2]);
  return Buffer.from(bytes.subarray(2)).toString();
}

describe("a push of OpenTelemetry's records", () => {
  it('is 204, and handed on with its format', async () => {
    const client = fakeClient();
    const reply = await request(fakeApi(client), '/otlp/v1/logs', { method: 'POST', headers, body: 'records' });
    expect(reply).toMatchObject({ status: 204, body: '' });
    expect(client.calls[0]!.argument).toEqual({
      tenant: 'fake',
      contentType: headers['content-type'],
      body: Buffer.from('records'),
      format: 'otlp',
    });
  });

  it('in gzip is unpacked', async () => {
    const client = fakeClient();
    const gzipped = { ...headers, 'content-encoding': 'gzip' };
    const body = gzipSync('records');
    const reply = await request(fakeApi(client), '/otlp/v1/logs', { method: 'POST', headers: gzipped, body });
    expect(reply.status).toBe(204);
    expect(client.calls[0]!.argument).toMatchObject({ body: Buffer.from('records') });
  });

  it('in zstd is handed on as it is, for the distributor to unpack; other paths refuse it', async () => {
    const client = fakeClient();
    const packed = { ...headers, 'content-encoding': 'zstd' };
    const push = (path: string) => request(fakeApi(client), path, { method: 'POST', headers: packed, body: 'packed' });
    expect((await push('/otlp/v1/logs')).status).toBe(204);
    expect(client.calls).toEqual([
      { method: 'push', argument: expect.objectContaining({ body: Buffer.from('packed'), encoding: 'zstd' }) },
    ]);
    expect(await push('/loki/api/v1/push')).toMatchObject({
      status: 400,
      body: 'Content-Encoding "zstd" not supported\n',
    });
  });

  it.each([
    ['bad-request', 400, undefined],
    ['empty', 422, undefined],
    ['limited', 429, '1'],
    ['internal', 503, '1'],
    ['unavailable', 503, '1'],
  ] as const)('that fails with %s is status %i with a google.rpc.Status', async (code, status, retryAfter) => {
    const client = fakeClient({ push: async () => ({ ok: false, fault: fault(code, 'why') }) });
    const reply = await request(fakeApi(client), '/otlp/v1/logs', { method: 'POST', headers, body: 'records' });
    expect(reply).toMatchObject({ status, headers: { 'content-type': 'application/octet-stream' } });
    expect(messageOf(reply.bytes)).toBe('why');
    expect(reply.headers['retry-after']).toBe(retryAfter);
  });
});
