import { raise } from '../wire/fault.js';
import type { Pipeline } from './pipeline.js';

/** Fails a query that would hold more than it may (`query_engine.memory_bytes_max`). */
export function checkMemory(bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  raise(
    'bad-request',
    `query needs more than ${bytesMax} bytes of memory; narrow the selector or the range, use a larger step, or aggregate by fewer labels`,
  );
}

/** Passes batches on to an operator that keeps them all, as long as they fit. */
export async function* bounded<Batch>(
  input: Pipeline<Batch>,
  bytesOf: (batch: Batch) => number,
  bytesMax: number,
): Pipeline<Batch> {
  let bytes = 0;
  for await (const batch of input) {
    bytes += bytesOf(batch);
    checkMemory(bytes, bytesMax);
    yield batch;
  }
}
