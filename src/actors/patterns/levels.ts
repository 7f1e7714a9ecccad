import type { EntriesBatch } from '../../wire/entries.js';

const LEVEL_KEY = 'detected_level';
/** What Loki knows patterns by; lines of any other level belong to the last. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'critical', 'fatal', 'trace', 'unknown'] as const;
export type PatternLevel = (typeof LEVELS)[number];
const LEVEL_BYTES = LEVELS.map((level) => Buffer.from(level));

/** Finds the level that the distributor gave to rows of a batch. */
export class RowLevels {
  readonly #entries: EntriesBatch;
  readonly #key: number;
  /** By pair. */
  readonly #levels: (PatternLevel | undefined)[] = [];

  constructor(entries: EntriesBatch) {
    this.#entries = entries;
    this.#key = entries.keys.indexOf(LEVEL_KEY);
  }

  of(row: number): PatternLevel {
    const { pairStarts, pairs, pairKeys } = this.#entries;
    const end = pairStarts[row + 1]!;
    for (let at = pairStarts[row]!; at < end; at++) {
      const pair = pairs[at]!;
      if (pairKeys[pair] !== this.#key) continue;
      this.#levels[pair] ??= this.#value(pair);
      return this.#levels[pair];
    }
    return 'unknown';
  }

  #value(pair: number): PatternLevel {
    const { pairOffsets, metadata } = this.#entries;
    const from = pairOffsets[pair]!;
    const length = pairOffsets[pair + 1]! - from;
    return LEVELS[LEVEL_BYTES.findIndex((level) => isAt(metadata, from, length, level))] ?? 'unknown';
  }
}

function isAt(bytes: Uint8Array, from: number, length: number, text: Uint8Array): boolean {
  if (length !== text.length) return false;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}
