/** What is known of the servers that keep a log. */
export interface ServerFacts {
  readonly version: string;
  readonly storage: string;
  /** Copies of each record; a majority of them acknowledges. */
  readonly copies: number;
  /** From the server's monitoring page; undefined where nobody could ask it. */
  readonly syncsAlways: boolean | undefined;
}

/** Why an acknowledged record may be lost, one sentence each with what to do about it. */
export function durabilityWarnings({ version, storage, copies, syncsAlways }: ServerFacts): string[] {
  const warnings: string[] = [];
  if (storage !== 'file') {
    warnings.push(`the stream is kept in ${storage}, not in files: it is lost when its servers restart`);
  }
  if (syncsAlways !== true) {
    const known =
      syncsAlways === false
        ? `nats-server ${version} acknowledges entries before they are synced to disk`
        : `nobody can see whether nats-server ${version} syncs entries to disk before it acknowledges them; by default it does not`;
    warnings.push(
      `${known}: a loss of power, or of several machines at once, loses what was acknowledged since the last sync, up to ` +
        'two minutes of it; set sync_interval: always in the jetstream block of its configuration (nats-server 2.10 or later)',
    );
  }
  if (copies < 3) {
    warnings.push(
      `the stream has ${copies === 1 ? 'one copy' : `${copies} copies`}: the loss of one disk may lose entries`,
    );
  }
  return warnings;
}
