/**
 * Names for the parts a push is cut into, so that replicas, logs and objects can say which of them they have. A distributor
 * numbers what it sends to one owner for one tenant without holes, so that almost any set of parts is a few ranges.
 */
export interface BatchId {
  /** Who numbered it, for whom: distributor and its incarnation, owner and tenant. Never used by two of them. */
  readonly origin: string;
  /** From 1 on. */
  readonly seq: number;
}

/** What a replica is told of a part besides its entries. */
export interface BatchCopy extends BatchId {
  /** The instance that puts it into its memtable and into an object; the others hold it. */
  readonly owner: string;
  /** Instances that were sent it, in the order in which they would take over; the owner it was first sent to comes first. */
  readonly replicas: readonly string[];
}

/** Parts of one origin. Ranges are inclusive, disjoint and ascending. */
export interface OriginRanges {
  readonly origin: string;
  readonly ranges: readonly (readonly [fromSeq: number, toSeq: number])[];
}
