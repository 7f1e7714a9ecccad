import { join } from 'node:path';
import { FilesystemBucket } from '../../src/storage/bucket/filesystem-node.js';
import { Metastore } from '../../src/storage/metastore/metastore.js';

const DAY_NS = 86_400_000_000_000n;

/** Rows in all objects that tables of contents list, copies included. */
export async function storedRows(folder: string, tenant: string): Promise<number> {
  const metastore = new Metastore(new FilesystemBucket(join(folder, 'bucket')));
  const now = BigInt(Date.now()) * 1_000_000n;
  const { series } = await metastore.parts(tenant, { start: now - DAY_NS, end: now + DAY_NS }, []);
  return series.reduce((sum, { rows }) => sum + rows, 0);
}
