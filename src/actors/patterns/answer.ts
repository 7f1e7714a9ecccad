import { getOrCreate } from '../../wire/get-or-create.js';
import type { PatternSeries } from '../../wire/query.js';
import type { Cluster } from './cluster.js';
import type { PatternLevel } from './levels.js';
import type { PatternStream } from './stream.js';

/** Patterns in an answer; Grafana keeps 500. */
const PATTERNS_MAX = 1000;
/** Patterns seen as often as this are never left out as rare. */
const COMMON_LINES = 30;
/** Of the others those are left out that only add this share to the lines of all. */
const RARE_SHARE = 0.01;

/** What is asked, in intervals: [start, end), in steps of so many. */
export interface PatternWindow {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly intervalMs: number;
}

interface Merged {
  readonly level: PatternLevel;
  readonly pattern: string;
  /** Lines by step. */
  readonly steps: Map<number, number>;
  lines: number;
}

/** Patterns of streams, equal ones added up, the most frequent first; times are those at which steps begin. */
export function answerPatterns(streams: Iterable<PatternStream>, window: PatternWindow): PatternSeries[] {
  const merged = new Map<PatternLevel, Map<string, Merged>>();
  for (const stream of streams) {
    for (const [level, drain] of stream.levels) {
      const patterns = getOrCreate(merged, level, () => new Map<string, Merged>());
      for (const cluster of drain.clusters()) merge(patterns, level, cluster, window);
    }
  }
  const all = [...merged.values()].flatMap((patterns) => [...patterns.values()]).sort(byLines);
  return withoutRare(all).map(({ pattern, level, steps }) => ({ pattern, level, samples: samplesOf(steps, window) }));
}

function merge(
  patterns: Map<string, Merged>,
  level: PatternLevel,
  { pattern, samples }: Cluster,
  window: PatternWindow,
): void {
  const from = samples.lowerBound(window.start);
  const to = samples.lowerBound(window.end);
  if (from === to) return;
  const merged = getOrCreate(patterns, pattern, () => ({ level, pattern, steps: new Map(), lines: 0 }));
  for (let i = from; i < to; i++) {
    const step = Math.floor(samples.interval(i) / window.step);
    merged.steps.set(step, (merged.steps.get(step) ?? 0) + samples.count(i));
    merged.lines += samples.count(i);
  }
}

function byLines(a: Merged, b: Merged): number {
  return b.lines - a.lines || (a.pattern < b.pattern ? -1 : a.pattern > b.pattern ? 1 : 0);
}

/** A line seen once is its own pattern: the long tail of those says nothing. `all` has the most frequent first. */
function withoutRare(all: readonly Merged[]): readonly Merged[] {
  let rest = all.reduce((sum, { lines }) => sum + lines, 0);
  const negligible = rest * RARE_SHARE;
  let kept = 0;
  while (kept < Math.min(all.length, PATTERNS_MAX)) {
    const { lines } = all[kept]!;
    if (lines < COMMON_LINES && rest <= negligible) break;
    rest -= lines;
    kept++;
  }
  return all.slice(0, kept);
}

function samplesOf(steps: ReadonlyMap<number, number>, { step, intervalMs }: PatternWindow): [number, number][] {
  const seconds = (step * intervalMs) / 1000;
  return [...steps].sort(([a], [b]) => a - b).map(([at, lines]) => [Math.floor(at * seconds), lines]);
}
