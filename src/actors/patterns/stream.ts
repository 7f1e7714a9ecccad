import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import { Drain } from './drain.js';
import type { PatternLevel } from './levels.js';

const OVERHEAD_BYTES = 1024;

/** The patterns of one stream, by level. */
export class PatternStream {
  readonly labels: Labels;
  readonly levels = new Map<PatternLevel, Drain>();

  constructor(labels: Labels) {
    this.labels = labels;
  }

  drain(level: PatternLevel, clustersMax: number): Drain {
    return getOrCreate(this.levels, level, () => new Drain(clustersMax));
  }

  /** Forgets counts before an interval, and levels without any left. */
  forgetBefore(interval: number): void {
    for (const [level, drain] of this.levels) {
      drain.forgetBefore(interval);
      if (drain.size === 0) this.levels.delete(level);
    }
  }

  /** Estimate. */
  get memoryBytes(): number {
    let bytes = OVERHEAD_BYTES;
    for (const drain of this.levels.values()) bytes += drain.memoryBytes;
    return bytes;
  }

  get clusters(): number {
    let clusters = 0;
    for (const drain of this.levels.values()) clusters += drain.size;
    return clusters;
  }
}
