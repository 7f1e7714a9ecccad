import type { Program } from './program.js';

const NEWLINE = [0x0a, 0x0a];
/** Go's `\b` looks at ASCII only. */
const WORD = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];

/**
 * Code points that a program cannot tell apart share a class. Classes follow the order of code points: class c covers
 * those from bounds[c] up to bounds[c + 1].
 */
export class RuneClasses {
  readonly count: number;
  private readonly bounds: Int32Array;
  private readonly newline: Uint8Array;
  private readonly word: Uint8Array;

  constructor(program: Program) {
    const sets = program.assertions.size > 0 ? [...program.sets, NEWLINE, WORD] : program.sets;
    const bounds = new Set([0]);
    for (const set of sets) {
      for (let i = 0; i < set.length; i += 2) bounds.add(set[i]!).add(set[i + 1]! + 1);
    }
    this.bounds = Int32Array.from([...bounds].sort((a, b) => a - b));
    this.count = this.bounds.length;
    this.newline = this.members(NEWLINE);
    this.word = this.members(WORD);
  }

  of(rune: number): number {
    const { bounds } = this;
    let low = 0;
    let high = bounds.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (bounds[middle]! <= rune) low = middle;
      else high = middle;
    }
    return low;
  }

  /** For each class whether the set, one of the program's, holds it. */
  members(set: readonly number[]): Uint8Array {
    const members = new Uint8Array(this.count);
    for (let i = 0; i < set.length; i += 2) members.fill(1, this.of(set[i]!), this.of(set[i + 1]!) + 1);
    return members;
  }

  /** Known when the program has assertions; false for the class behind the last, the end of the text. */
  isNewline(cls: number): boolean {
    return this.newline[cls] === 1;
  }

  isWord(cls: number): boolean {
    return this.word[cls] === 1;
  }
}
