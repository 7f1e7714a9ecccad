/** What became of numbered lines, in the kinds Jepsen tells apart for queues and logs. */

export interface ClientLines {
  readonly client: string;
  /** Numbers the server answered 204 for. */
  readonly acknowledged: ReadonlySet<number>;
  /** Numbers were sent from 0 to here, exclusive. */
  readonly sent: number;
}

export interface ClientVerdict {
  readonly client: string;
  readonly acknowledged: number;
  readonly found: number;
  /** Acknowledged and missing: before all that was found, after all of it, and between. */
  readonly lostPrefix: readonly number[];
  readonly lostSuffix: readonly number[];
  readonly lostMiddle: readonly number[];
  /** Shown more than once. */
  readonly duplicated: readonly number[];
  /** Shown and never sent. */
  readonly invented: readonly number[];
  /** Shown although nobody was told that they would be: allowed. */
  readonly unacknowledged: number;
}

/** `shown` has every number an answer held, as often as it was there. */
export function judge({ client, acknowledged, sent }: ClientLines, shown: Iterable<number>): ClientVerdict {
  const counts = new Map<number, number>();
  for (const number of shown) counts.set(number, (counts.get(number) ?? 0) + 1);
  const found = [...counts.keys()].sort((a, b) => a - b);
  const first = found[0] ?? Number.POSITIVE_INFINITY;
  const last = found.at(-1) ?? Number.POSITIVE_INFINITY;
  const lost = [...acknowledged].filter((number) => !counts.has(number)).sort((a, b) => a - b);
  return {
    client,
    acknowledged: acknowledged.size,
    found: found.length,
    lostPrefix: lost.filter((number) => number < first),
    lostSuffix: lost.filter((number) => number > last),
    lostMiddle: lost.filter((number) => number > first && number < last),
    duplicated: found.filter((number) => counts.get(number)! > 1),
    invented: found.filter((number) => number >= sent),
    unacknowledged: found.filter((number) => number < sent && !acknowledged.has(number)).length,
  };
}

/** No line was lost, doubled or made up. */
export function isClean(verdict: ClientVerdict): boolean {
  const { lostPrefix, lostSuffix, lostMiddle, duplicated, invented } = verdict;
  return [lostPrefix, lostSuffix, lostMiddle, duplicated, invented].every((numbers) => numbers.length === 0);
}
