/** How much is worked on at once: a matter of speed and memory. Answers do not depend on it, so tests draw it at random. */
export interface BatchSizes {
  /** Raw message bytes fetched at once: few requests, yet little read in vain when a query has enough. */
  readonly fetchBytes: number;
  /** States a partial aggregation holds before it sends what it has and starts anew; the receiver merges. */
  readonly partialStates: number;
  /** Series a batch of samples holds at most; batches of more are split. */
  readonly sampleSeries: number;
  /** Candidates beyond twice the limit before a TopK sorts the best out. */
  readonly candidatesSlack: number;
  /** Bytes of batches that a TopK keeps alive before it copies the rows it wants out of them. */
  readonly retainedBytes: number;
  /** Bytes of lines to be read for each byte of a section's shapes, for the shapes to be judged first. */
  readonly lineBytesPerShapeByte: number;
  /** The same for shapes to be parsed instead, which saves more, and is done once for each. */
  readonly parsedBytesPerShapeByte: number;
}

export const BATCH_SIZES: BatchSizes = {
  fetchBytes: 4 << 20,
  partialStates: 1 << 18,
  sampleSeries: 1024,
  candidatesSlack: 256,
  retainedBytes: 16 << 20,
  lineBytesPerShapeByte: 4,
  parsedBytesPerShapeByte: 0.5,
};
