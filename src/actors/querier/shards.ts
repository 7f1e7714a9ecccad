import { formatLabels } from '../../wire/labels.js';
import type { IndexShard } from '../../wire/query.js';
import type { TimeRange } from '../../wire/time.js';
import { statsOf } from './index-stats.js';
import type { PartedStream } from './stream-parts.js';

const FINGERPRINT_BITS = 64;
const MAX_FINGERPRINT = 2n ** 64n - 1n;

/** However small the shards that somebody asks for. */
const SHARDS_MAX = 1024;

/**
 * Splits the space of fingerprints into a power of two of equal shares, so many that a share holds about `targetBytes` or
 * less, and says what is in each.
 */
export function shardsOf(streams: readonly PartedStream[], range: TimeRange, targetBytes: number): IndexShard[] {
  const { bytes } = statsOf(streams, range);
  const bits = Math.ceil(Math.log2(Math.min(Math.max(bytes / targetBytes, 1), SHARDS_MAX)));
  const shift = BigInt(FINGERPRINT_BITS - bits);
  const members: PartedStream[][] = Array.from({ length: 2 ** bits }, () => []);
  for (const stream of streams) members[Number(fingerprint(formatLabels(stream.labels)) >> shift)]!.push(stream);
  return members.map((shard, index) => {
    const min = BigInt(index) << shift;
    const max = index === members.length - 1 ? MAX_FINGERPRINT : (BigInt(index + 1) << shift) - 1n;
    return { min, max, stats: statsOf(shard, range) };
  });
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a over the canonical text, its bits mixed (MurmurHash3's finalizer), since similar texts share the upper ones. */
function fingerprint(text: string): bigint {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MAX_FINGERPRINT;
  hash = ((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn) & MAX_FINGERPRINT;
  hash = ((hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n) & MAX_FINGERPRINT;
  return hash ^ (hash >> 33n);
}
