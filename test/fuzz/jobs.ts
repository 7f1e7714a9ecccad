import type { FuzzJob } from './run.js';
import type { FuzzTarget } from './target.js';

/** Shares `inputs` among targets by their weights; none goes without. */
export function jobsFor(targets: readonly FuzzTarget[], inputs: number): FuzzJob[] {
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  return targets.map(({ name, weight }) => ({
    target: name,
    first: 0,
    inputs: Math.max(1, Math.ceil((inputs * weight) / weights)),
  }));
}
