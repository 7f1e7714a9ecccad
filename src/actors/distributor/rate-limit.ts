/** A token bucket: `tokens` there are at `atMs`. Values, so that a state can keep and compare them. */
export interface TokenBucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** A bucket that nobody has taken from yet is full. */
export function fullBucket(burst: number, nowMs: number): TokenBucket {
  return { tokens: burst, atMs: nowMs };
}

/** The bucket as it is now: filled at `rate` tokens a second up to `burst`. A clock that went back adds nothing. */
export function refill(bucket: TokenBucket, rate: number, burst: number, nowMs: number): TokenBucket {
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  return { tokens: Math.min(burst, bucket.tokens + (elapsedMs * rate) / 1000), atMs: Math.max(bucket.atMs, nowMs) };
}

/** The bucket after taking all of `amount`, or null where it does not hold as much. */
export function take(
  bucket: TokenBucket,
  rate: number,
  burst: number,
  nowMs: number,
  amount: number,
): TokenBucket | null {
  const { tokens, atMs } = refill(bucket, rate, burst, nowMs);
  return amount <= tokens ? { tokens: tokens - amount, atMs } : null;
}
