import type { BatchCopy, OriginRanges } from '../../src/wire/batch-copy.js';
import type { Reply } from '../../src/wire/message.js';
import type { BatchesStatus } from '../../src/wire/messages/writing.js';
import { entriesOf, type Row } from './entries.js';
import { A, type Harness } from './ingester-steps.js';

/** The ingester under test. */
export const SELF = 'ingester-0';

export function copyOf(seq: number, owner: string, replicas: readonly string[] = [owner, SELF, 'r']): BatchCopy {
  return { origin: `d/1/${replicas[0]}/tenant`, seq, owner, replicas: [...new Set(replicas)] };
}

/** Parts of the origin that numbers what is first sent to `owner`. */
export function parts(owner: string, ...seqs: readonly number[]): OriginRanges[] {
  const ranges = seqs.map((seq) => [seq, seq] as const);
  return [{ origin: `d/1/${owner}/tenant`, ranges }];
}

export function status(known: Partial<BatchesStatus>): Reply {
  return { kind: 'batches.status', status: { stored: [], owned: [], held: [], ...known } };
}

export function appendCopy(
  h: Harness,
  copy: BatchCopy,
  rows: readonly Row[],
  more: { readonly again?: true } = {},
): { reply: Reply | null } {
  return h.ask({ kind: 'append', batch: entriesOf({ [A]: rows }).buffer, copy, ...more });
}

/** Appends and syncs. */
export function writeCopy(
  h: Harness,
  copy: BatchCopy,
  rows: readonly Row[],
  more: { again?: true } = {},
): Reply | null {
  const asked = appendCopy(h, copy, rows, more);
  if (h.groups.length > 0) h.synced();
  return asked.reply;
}

/** What the ingester says it knows of parts. */
export function knows(h: Harness, batches: readonly OriginRanges[]): BatchesStatus {
  const { reply } = h.ask({ kind: 'batches.ask', batches });
  if (reply?.kind !== 'batches.status') throw new Error(JSON.stringify(reply));
  return reply.status;
}

/** What others were told since the last time: `<address> <kind> <origin>:<ranges>`. */
export function told(h: Harness): string[] {
  return h.told
    .splice(0)
    .flatMap(({ to, message }) =>
      message.kind === 'batches.release' || message.kind === 'batches.owned'
        ? message.batches.map(({ origin, ranges }) => `${to} ${message.kind} ${origin}:${JSON.stringify(ranges)}`)
        : [],
    );
}
