import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketContract, names } from '../../../test/support/bucket-contract.js';
import { type S3Server, startS3 } from '../../../test/support/s3.js';
import { S3Bucket } from './bucket-s3.js';

describe('a bucket in S3', () => {
  let server: S3Server;
  const open: S3Bucket[] = [];

  beforeAll(async () => {
    server = await startS3();
  });

  afterAll(async () => {
    for (const bucket of open) bucket.close();
    await server.stop();
  });

  /** Each in a folder of its own. */
  function fresh(more: Partial<S3Server['settings']> = {}): S3Bucket {
    const bucket = new S3Bucket({ ...server.settings, prefix: `logs/${open.length}`, ...more });
    open.push(bucket);
    return bucket;
  }

  bucketContract(() => fresh());

  it('lists names page by page', async () => {
    const page = (keys: readonly string[], next: string): string =>
      `<ListBucketResult>${keys.map((key) => `<Contents><Key>logs/${key}</Key></Contents>`).join('')}${next}</ListBucketResult>`;
    const next = '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>';
    const pages = createServer((request, response) => {
      response.setHeader('content-type', 'application/xml');
      response.end(request.url!.includes('continuation-token=t') ? page(['c'], '') : page(['a', 'b'], next));
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const { port } = pages.address() as AddressInfo;
    const bucket = fresh({ endpoint: `http://127.0.0.1:${port}`, prefix: 'logs' });
    expect(await names(bucket, '')).toEqual(['a', 'b', 'c']);
    pages.close();
  });

  it('a conditional upload whose answer was lost counts as done when it is tried again', async () => {
    let puts = 0;
    const { endpoint } = server.settings;
    const lossy = createServer(async (request, response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk as Uint8Array);
      const { method = 'GET', headers, url = '' } = request;
      const body = method === 'PUT' ? { body: Buffer.concat(chunks) } : {};
      const answer = await fetch(`${endpoint}${url}`, { method, headers: headers as Record<string, string>, ...body });
      if (method === 'PUT' && ++puts === 1) return response.destroy();
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      return response.end(Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise<void>((resolve) => lossy.listen(0, '127.0.0.1', resolve));
    const { port } = lossy.address() as AddressInfo;
    const bucket = fresh({ endpoint: `http://127.0.0.1:${port}`, prefix: 'lossy' });
    const version = await bucket.conditional.upload('toc', Buffer.from('mine'), null);
    expect(puts).toBe(2);
    expect(version).toBe((await bucket.attributes('toc')).version);
    expect(await bucket.conditional.upload('toc', Buffer.from('mine'), null)).toBeNull();
    lossy.close();
  });

  it('a store that cannot be reached is unavailable, and may be tried again', async () => {
    const bucket = fresh({ endpoint: 'http://127.0.0.1:1', attemptsMax: 1 });
    await expect(bucket.get('x')).rejects.toMatchObject({ fault: { code: 'unavailable', retryable: true } });
  });

  it('a bucket that does not exist is no missing object', async () => {
    const bucket = fresh({ bucket: 'nowhere' });
    await expect(bucket.get('x')).rejects.toMatchObject({ fault: { code: 'unavailable' } });
  });
});
