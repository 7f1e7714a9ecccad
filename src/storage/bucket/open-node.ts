import { raise } from '../../wire/fault.js';
import type { Bucket } from './bucket.js';
import type { S3Settings } from './bucket-s3.js';
import { FilesystemBucket } from './filesystem-node.js';

/** Where a bucket is, as plain data: threads open it for themselves. */
export type BucketPlace =
  | { readonly kind: 'filesystem'; readonly root: string }
  | ({ readonly kind: 's3' } & S3Settings);

/** `quickReads`: whether small reads of files may hold up the thread. */
export async function openBucket(place: BucketPlace, quickReads = true): Promise<Bucket> {
  if (place.kind === 'filesystem') return new FilesystemBucket(place.root, { quickReads });
  const { kind: _, ...settings } = place;
  // The SDK takes a third of a second to load, which only those pay who use it.
  const { S3Bucket } = await import('./bucket-s3.js');
  return new S3Bucket(settings);
}

const S3_ATTEMPTS_MAX = 5;

/**
 * A folder, or `s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=eu-west-1&path_style=true`. With an endpoint of
 * its own a store is asked by path unless told otherwise. Raises `bad-request`.
 */
export function bucketPlace(text: string, credentials?: S3Settings['credentials']): BucketPlace {
  if (!text.startsWith('s3://')) return { kind: 'filesystem', root: text };
  const url = URL.canParse(text) ? new URL(text) : raise('bad-request', `no address of a bucket: ${text}`);
  const known = new Set(['endpoint', 'region', 'path_style']);
  const unknown = [...url.searchParams.keys()].find((key) => !known.has(key));
  if (unknown !== undefined || url.hostname === '' || url.username !== '') {
    raise('bad-request', `no address of a bucket: s3://BUCKET/PREFIX?endpoint=…&region=…&path_style=true`);
  }
  const endpoint = url.searchParams.get('endpoint');
  return {
    kind: 's3',
    bucket: url.hostname,
    prefix: url.pathname.replace(/^\/+|\/+$/g, ''),
    region: url.searchParams.get('region') ?? 'us-east-1',
    pathStyle: (url.searchParams.get('path_style') ?? String(endpoint !== null)) === 'true',
    attemptsMax: S3_ATTEMPTS_MAX,
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials ? { credentials } : {}),
  };
}
