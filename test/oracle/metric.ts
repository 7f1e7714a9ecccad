/** What metric expressions are at one point in time, and what goes wrong with them. */
import type { Labels } from '../../src/wire/labels.js';

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export type Value = number | readonly Sample[];

/** A query that Loki answers with 400. */
export class QueryError extends Error {}

/**
 * Why an answer is not the only right one: the values of a tie, or what differs in the last bits, decided something.
 * Such an answer is not compared.
 */
export class Doubts {
  readonly reasons = new Set<string>();

  add(reason: string): void {
    this.reasons.add(reason);
  }
}

export function isClose(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

/** Labels by the names of a grouping. */
export function grouped(labels: Labels, kind: 'by' | 'without', names: readonly string[]): Labels {
  return labels.filter(([name]) => names.includes(name) === (kind === 'by'));
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
