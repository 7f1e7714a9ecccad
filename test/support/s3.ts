/**
 * An S3 server of the test's own (s3rver). It ignores the conditions of conditional uploads, which S3 has since 2024, and
 * lets readers see half an object, so requests go to it one at a time and conditions are checked in front of it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import type { S3Settings } from '../../src/storage/bucket/bucket-s3.js';

export interface S3Server {
  readonly settings: S3Settings;
  stop(): Promise<void>;
}

const BUCKET = 'skald';

export async function startS3(): Promise<S3Server> {
  const directory = mkdtempSync(join(tmpdir(), 'skald-s3-'));
  const server = new S3rver({
    directory,
    silent: true,
    address: '127.0.0.1',
    port: 0,
    configureBuckets: [{ name: BUCKET }],
  });
  server.middleware.unshift(conditions());
  const { port } = await server.run();
  return {
    settings: {
      bucket: BUCKET,
      prefix: 'logs',
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${port}`,
      pathStyle: true,
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
      attemptsMax: 3,
    },
    stop: async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Context {
  readonly method: string;
  readonly path: string;
  readonly store: { getMetadata(bucket: string, key: string): Promise<{ readonly etag?: string } | undefined> };
  get(header: string): string;
  status: number;
  body: unknown;
}

function conditions(): (context: Context, next: () => Promise<void>) => Promise<void> {
  let turn: Promise<unknown> = Promise.resolve();
  return (context, next) => {
    const mine = turn.then(() => conditionally(context, next));
    turn = mine.catch(() => {});
    return mine;
  };
}

async function conditionally(context: Context, next: () => Promise<void>): Promise<void> {
  const wanted = context.get('if-match');
  const none = context.get('if-none-match') === '*';
  if (context.method !== 'PUT' || (wanted === '' && !none)) return next();
  const [bucket = '', ...key] = decodeURIComponent(context.path).slice(1).split('/');
  const etag = (await context.store.getMetadata(bucket, key.join('/')).catch(() => undefined))?.etag;
  if (none ? etag === undefined : etag !== undefined && bare(etag) === bare(wanted)) return next();
  context.status = !none && etag === undefined ? 404 : 412;
  context.body = `<Error><Code>${context.status === 404 ? 'NoSuchKey' : 'PreconditionFailed'}</Code></Error>`;
}

function bare(etag: string): string {
  return etag.replaceAll('"', '');
}
