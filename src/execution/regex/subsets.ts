import { ASSERT, ASSERTIONS, MATCH, type Program, RUNE, SAVE, SPLIT } from './program.js';
import { RuneClasses } from './rune-classes.js';

/** What lay before a position, as far as the assertions of the program ask. */
const Before = { Start: 0, Newline: 1, Word: 2, Other: 3 } as const;

/** A state of the subset construction. */
export interface Subset {
  readonly before: number;
  /** Instructions reached by the last code point, sorted; what follows them for free is added when leaving. */
  readonly cores: readonly number[];
}

/** Answers of a step that end the search. */
export const DEAD = -1;
export const MATCHED = -2;

/**
 * The subset construction, step by step: which instructions of a program can be reached by which code points. A match is
 * noticed one code point late, because assertions look ahead; the class behind the last is the end of the text.
 */
export class Subsets {
  readonly classes: RuneClasses;
  readonly start: Subset;
  private readonly program: Program;
  private readonly anywhere: boolean;
  private readonly members: readonly Uint8Array[];
  private readonly visited: Int32Array;
  private visit = 0;

  /** `anywhere`: a match may begin anywhere in the text, else only at its start. */
  constructor(program: Program, anywhere: boolean) {
    this.program = program;
    this.anywhere = anywhere && !isAnchored(program);
    this.classes = new RuneClasses(program);
    this.members = program.sets.map((set) => this.classes.members(set));
    this.visited = new Int32Array(program.op.length);
    const before = this.asksAbout('text-start', 'line-start') ? Before.Start : Before.Other;
    this.start = { before, cores: this.anywhere ? [] : [program.start] };
  }

  /** Where a state goes on a class. */
  step(state: Subset, cls: number): Subset | typeof DEAD | typeof MATCHED {
    const cores = this.leave(state, cls);
    if (cores === null) return MATCHED;
    if (cls === this.classes.count || (cores.length === 0 && !this.anywhere)) return DEAD;
    return { before: this.beforeNext(cls), cores };
  }

  /** The instructions behind a code point of the class; null when the program matches before it. */
  private leave(state: Subset, cls: number): readonly number[] | null {
    const { op, next, other, start } = this.program;
    const { visited } = this;
    const stack = [...state.cores];
    if (this.anywhere) stack.push(start);
    const cores = new Set<number>();
    this.visit += 1;
    while (stack.length > 0) {
      const pc = stack.pop()!;
      if (visited[pc] === this.visit) continue;
      visited[pc] = this.visit;
      switch (op[pc]) {
        case MATCH:
          return null;
        case RUNE:
          if (cls < this.classes.count && this.members[other[pc]!]![cls] === 1) cores.add(next[pc]!);
          break;
        case ASSERT:
          if (this.holds(other[pc]!, state.before, cls)) stack.push(next[pc]!);
          break;
        case SPLIT:
          stack.push(next[pc]!, other[pc]!);
          break;
        case SAVE:
          stack.push(next[pc]!);
          break;
      }
    }
    return [...cores].sort((a, b) => a - b);
  }

  private holds(assertion: number, before: number, cls: number): boolean {
    const atEnd = cls === this.classes.count;
    switch (ASSERTIONS[assertion]) {
      case 'text-start':
        return before === Before.Start;
      case 'line-start':
        return before === Before.Start || before === Before.Newline;
      case 'text-end':
        return atEnd;
      case 'line-end':
        return atEnd || this.classes.isNewline(cls);
      case 'word-boundary':
        return (before === Before.Word) !== this.classes.isWord(cls);
      case 'no-word-boundary':
        return (before === Before.Word) === this.classes.isWord(cls);
      default:
        return false;
    }
  }

  private beforeNext(cls: number): number {
    if (this.asksAbout('line-start', 'line-start') && this.classes.isNewline(cls)) return Before.Newline;
    if (this.asksAbout('word-boundary', 'no-word-boundary') && this.classes.isWord(cls)) return Before.Word;
    return Before.Other;
  }

  private asksAbout(...either: (typeof ASSERTIONS)[number][]): boolean {
    return either.some((at) => this.program.assertions.has(at));
  }
}

function isAnchored(program: Program): boolean {
  const { op, next, other, start } = program;
  let pc = start;
  while (op[pc] === SAVE) pc = next[pc]!;
  return op[pc] === ASSERT && ASSERTIONS[other[pc]!] === 'text-start';
}

/** Equal for equal states. */
export function subsetKey({ before, cores }: Subset): string {
  return `${before}:${cores.join()}`;
}
