export interface DistributorSettings {
  /** How many ingesters hold a stream; a majority of them must have it durably before a push is acknowledged. */
  readonly replicationFactor: number;
  /** A push that is not durable by then is answered with a timeout. */
  readonly pushTimeoutMs: number;
  /** Where entries are replicated: when an owner has not answered by then, a replica is asked to take its place. */
  readonly ownerTimeoutMs: number;
  /** Pushes that wait for ingesters, by number and by the bytes of their batches; more are refused with 429. */
  readonly maxInFlightPushes: number;
  readonly maxInFlightBytes: number;
  /** What one snappy block may become. Offsets in a batch are int32, so 2 GiB is the most that could work. */
  readonly maxDecompressedBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_DISTRIBUTOR_SETTINGS: DistributorSettings = {
  replicationFactor: 1,
  pushTimeoutMs: 10_000,
  ownerTimeoutMs: 1_000,
  maxInFlightPushes: 10_000,
  maxInFlightBytes: 512 * MIB,
  maxDecompressedBytes: 1024 * MIB,
};
