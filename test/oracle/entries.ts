import type { Matcher } from '../../src/planning/logql/ast.js';
import { matchesStream } from './matcher.js';

export interface Entry {
  readonly labels: Readonly<Record<string, string>>;
  readonly time: bigint;
  readonly line: string;
  readonly metadata?: readonly (readonly [string, string])[];
}

/** B17: what is equal in all is one entry. */
export function distinct(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [identity(entry), entry])).values()];
}

function identity({ labels, time, line, metadata = [] }: Entry): string {
  const byName = <T>(pairs: readonly (readonly [string, T])[]): unknown =>
    [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([byName(Object.entries(labels)), String(time), line, byName(metadata)]);
}

/** A30. */
export function select(entries: readonly Entry[], matchers: readonly Matcher[]): Entry[] {
  return entries.filter(({ labels }) =>
    matchers.every((matcher) => matchesStream(matcher, labels[matcher.name] ?? '')),
  );
}
