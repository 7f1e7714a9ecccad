import type { Address } from '../../wire/address.js';
import type { LiveSnapshot } from '../../wire/messages/live.js';

/** What one ingester says, or why it says nothing. */
export type MemoryAnswer = { readonly snapshot: LiveSnapshot } | { readonly silent: string };

export interface LiveMemory {
  readonly live: readonly { readonly address: Address; readonly snapshot: LiveSnapshot }[];
  readonly silent: readonly { readonly address: Address; readonly why: string }[];
}

/**
 * Asks all ingesters for their memory at once. Where the owner of parts that others hold has not answered, the holders are
 * asked anew, for these too: what they say then takes the place of what they said before, so that a part that changes
 * hands meanwhile is in one of both. One that falls silent then is an owner that does not answer, and so on.
 */
export async function askMemory(
  ingesters: readonly Address[],
  dead: readonly Address[],
  ask: (to: Address, heldOf: readonly string[]) => Promise<MemoryAnswer>,
): Promise<LiveMemory> {
  const snapshots = new Map<Address, LiveSnapshot>();
  const silent = new Map<Address, string>(dead.map((address) => [address, 'is dead']));
  const askAll = (those: readonly Address[], heldOf: readonly string[]): Promise<unknown> =>
    Promise.all(
      those.map(async (to) => {
        const answer = await ask(to, heldOf);
        if ('snapshot' in answer) snapshots.set(to, answer.snapshot);
        else {
          snapshots.delete(to);
          silent.set(to, answer.silent);
        }
      }),
    );
  await askAll(
    ingesters.filter((address) => !silent.has(address)),
    [],
  );
  const askedOf = new Map<Address, ReadonlySet<string>>();
  for (;;) {
    const lost = lostOwners(snapshots);
    const again = [...snapshots].flatMap(([address, { holdsOf = [] }]) =>
      holdsOf.some((owner) => lost.has(owner) && !askedOf.get(address)?.has(owner)) ? [address] : [],
    );
    if (again.length === 0) break;
    for (const address of again) askedOf.set(address, lost);
    await askAll(again, [...lost]);
  }
  return {
    // In the order in which they were asked, whoever was faster.
    live: ingesters.flatMap((address) => {
      const snapshot = snapshots.get(address);
      return snapshot ? [{ address, snapshot }] : [];
    }),
    silent: [...silent].map(([address, why]) => ({ address, why })),
  };
}

/** Owners of held parts that are not among those who answered, or do not know all that they own. */
function lostOwners(snapshots: ReadonlyMap<Address, LiveSnapshot>): ReadonlySet<string> {
  const sure = [...snapshots.values()].filter(({ doubtful }) => !doubtful);
  const answered = new Set(sure.map(({ ingester }) => ingester));
  const owners = [...snapshots.values()].flatMap(({ holdsOf = [] }) => holdsOf);
  return new Set(owners.filter((owner) => !answered.has(owner)));
}

/**
 * Why an answer may lack entries; undefined when a majority of the replicas of every entry has answered. One that answers
 * from a damaged log is one replica less, just as a silent one is; alone it is made up for by those who hold its parts. So
 * is one that was not asked, because it had left or was not there yet: its log may hold parts of the silent one. Who knows
 * no ingester of a cluster has not found it yet.
 */
export function missingReplicas(
  { live, silent }: LiveMemory,
  unasked: readonly Address[],
  replicationFactor: number,
): string | undefined {
  const all = silent.length + live.length;
  if (all === 0 && replicationFactor > 1) return 'no ingester is known yet';
  const quorum = Math.min(Math.floor(replicationFactor / 2) + 1, all);
  const damaged = live.filter(({ snapshot }) => snapshot.damaged).map(({ address }) => address);
  if (silent.length === 0 || silent.length + damaged.length + unasked.length < quorum) return undefined;
  const names = silent.map(({ address, why }) => `${address}: ${why}`).join('; ');
  const lost =
    damaged.length > 0 ? `, and ${damaged.join(', ')} had a damaged log and waits for what others hold of it` : '';
  const gone =
    unasked.length > 0 ? `, and ${unasked.join(', ')} left or came meanwhile and may hold what is theirs` : '';
  return `${silent.length} of ${all} ingesters do not answer (${names})${lost}${gone}`;
}
