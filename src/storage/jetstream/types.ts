/** Tells a record from one that has its number after a loss, be it the same one sent again. */
export interface RecordIdentity {
  /** Under which it was published. */
  readonly id: string;
  /** When the server stored it, by its clock. */
  readonly storedMs: number;
}

/** A record of a partition's log, durable as far as its server is. */
export interface LogRecord extends RecordIdentity {
  /** Of the stream: ascending by one, but for records that were deleted. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** Up to where a reader has read. */
export interface LogPosition {
  readonly seq: number;
  /** With that number, where it has been read. */
  readonly record?: RecordIdentity;
}

/** The log of one partition, which many may write and read. All raise `unavailable` or `timeout` when it cannot be reached. */
export interface PartitionStream {
  /**
   * Resolves when the server has acknowledged the record. A record of the same id is not stored again, for a while. Raises
   * `storage-full` when the stream may not grow.
   */
  publish(id: string, bytes: Uint8Array): Promise<void>;
  /** Records that are there: `firstSeq` to `lastSeq`, none when the latter is less. */
  bounds(): Promise<{ readonly firstSeq: number; readonly lastSeq: number }>;
  /** Waits for records after a position and hands them over one by one; returns after a while, or after enough of them. */
  read(after: number, take: (record: LogRecord) => void): Promise<void>;
  /**
   * Whether the stream is still the one that was read up to there. If not, it has lost records that it had acknowledged,
   * and numbers name other records than they did.
   */
  isSame(position: LogPosition): Promise<boolean>;
  /** Deletes all records up to this one. No later record will have their numbers. */
  truncate(throughSeq: number): Promise<void>;
  /** Ends a `read`. */
  close(): Promise<void>;
}
