export interface QuerierSettings {
  /** Addresses of the ingesters whose memory belongs to every answer. */
  readonly ingesters: readonly string[];
  readonly scheduler: string;
  /** How long an ingester may take to name what it holds. */
  readonly resolveTimeoutMs: number;
  /** Width of the windows that objects are cut by; as the metastore's. */
  readonly windowNs: bigint;
}
