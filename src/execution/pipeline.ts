/**
 * The contract of every pipeline of batches.
 *
 * - A pipeline is an async generator; `return()` may be called at any time, any number of times, and reaches the source.
 * - Await per batch, never per row. Batches of no rows may be sent and must be borne.
 * - A batch belongs to whoever received it; its sender does not touch it again.
 * - Cancellation is observed between batches through the signal in the context; it throws a `cancelled` fault.
 * - Order: rows of one stream within a batch are in storage order; between batches nothing is promised but what a scan's
 *   `order` says about page bounds.
 */
export type Pipeline<Batch> = AsyncGenerator<Batch, void, undefined>;

/** What an operator did, for `explain=analyze`. Times include the operator's inputs. */
export interface OperatorStats {
  readonly operator: string;
  readonly depth: number;
  rowsOut: number;
  batches: number;
  milliseconds: number;
  notes: string;
}

/** Counts batches, rows and time of a pipeline. `now` is monotonic, in ms. */
export async function* observed<Batch>(
  input: Pipeline<Batch>,
  stats: OperatorStats,
  rowsOf: (batch: Batch) => number,
  now: () => number,
): Pipeline<Batch> {
  try {
    for (;;) {
      const before = now();
      const next = await input.next();
      stats.milliseconds += now() - before;
      if (next.done) return;
      stats.batches++;
      stats.rowsOut += rowsOf(next.value);
      yield next.value;
    }
  } finally {
    await input.return();
  }
}

/** Builds its pipeline when the first batch is asked for. */
export async function* lazy<Batch>(build: () => Pipeline<Batch> | Promise<Pipeline<Batch>>): Pipeline<Batch> {
  yield* await build();
}

/** Keeps one batch ahead of its reader, so that waiting for input overlaps with work on the batch before. */
export async function* prefetched<Batch>(input: Pipeline<Batch>): Pipeline<Batch> {
  let next = input.next();
  try {
    for (;;) {
      const current = await next;
      if (current.done) return;
      next = input.next();
      next.catch(() => {}); // reported when awaited; until then it must not count as unhandled
      yield current.value;
    }
  } finally {
    await input.return();
  }
}
