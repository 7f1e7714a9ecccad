import { ASSERT, ASSERTIONS, MATCH, type Program, RUNE, SAVE, SPLIT } from './program.js';
import { decodeRune } from './rune.js';
import { RuneClasses } from './rune-classes.js';

/** What lay before a position, as far as the assertions of the program ask. */
const Before = { Start: 0, Newline: 1, Word: 2, Other: 3 } as const;

/** A transition is the offset of a state in the table (> 0) or one of these. */
const UNKNOWN = 0;
const DEAD = -1;
const MATCHED = -2;
const GAVE_UP = -3;

const MAX_STATES = 4096;
/** Of the table and of the instruction lists together, in words. */
const MAX_WORDS = 1 << 21;
/** When a full cache served fewer bytes than this for each state, it is not worth having (RE2 draws the same line). */
const MIN_BYTES_PER_STATE = 10;

interface State {
  readonly before: number;
  /** Instructions reached by the last code point, sorted; what follows them for free is added when leaving. */
  readonly cores: readonly number[];
}

/**
 * Runs a program in time linear in the text: a deterministic automaton whose states are built on first use (the lazy
 * DFA of RE2, swtch.com/~rsc/regexp/regexp3.html). A match is noticed one code point late, because assertions look
 * ahead.
 */
export class Dfa {
  private readonly program: Program;
  private readonly anywhere: boolean;
  private readonly classes: RuneClasses;
  private readonly members: readonly Uint8Array[];
  /** Of a state in the table: the classes, the end of the text, and one that is never filled in. */
  private readonly stride: number;
  /** For each byte its column; bytes beyond ASCII have to be decoded first, so theirs is the one never filled in. */
  private readonly columns: Uint16Array;
  private readonly visited: Int32Array;
  private visit = 0;

  private table = new Int32Array(0);
  private states: State[] = [];
  private offsets = new Map<string, number>();
  private start = 0;
  private coreWords = 0;
  /** Bytes read since the cache was last empty, without those of the current text. */
  private bytesRead = 0;
  private gaveUp = false;

  /** `anywhere`: a match may begin anywhere in the text, else only at its start. */
  constructor(program: Program, anywhere: boolean) {
    this.program = program;
    this.anywhere = anywhere && !isAnchored(program);
    this.classes = new RuneClasses(program);
    this.members = program.sets.map((set) => this.classes.members(set));
    this.stride = this.classes.count + 2;
    this.columns = Uint16Array.from({ length: 256 }, (_, byte) =>
      byte < 0x80 ? this.classes.of(byte) : this.classes.count + 1,
    );
    this.visited = new Int32Array(program.op.length);
    this.clear();
  }

  /** States built so far; for tests. */
  get size(): number {
    return this.states.length;
  }

  /** Whether bytes[start..end) matches; null, from then on, when the automaton does not fit its bounds. */
  test(bytes: Uint8Array, start: number, end: number): boolean | null {
    if (this.gaveUp) return null;
    const { classes, columns } = this;
    let table = this.table;
    let state = this.start;
    let at = start;
    for (;;) {
      while (at < end) {
        const next = table[state + columns[bytes[at]!]!]!;
        if (next <= 0) break;
        state = next;
        at += 1;
      }
      const rune = at < end ? decodeRune(bytes, at, end) : 0;
      const cls = at < end ? classes.of(rune >> 3) : classes.count;
      let next = table[state + cls]!;
      at += rune & 7;
      if (next === UNKNOWN) {
        next = this.explore(state, cls, at - start);
        table = this.table;
      }
      if (next <= 0) {
        this.bytesRead += at - start;
        return next === GAVE_UP ? null : next === MATCHED;
      }
      state = next;
    }
  }

  /** Finds where a state goes on a class. `progress`: bytes read of the current text. */
  private explore(offset: number, cls: number, progress: number): number {
    const cores = this.leave(this.states[offset / this.stride - 1]!, cls);
    if (cores === null) return this.connect(offset, cls, MATCHED);
    if (cls === this.classes.count || (cores.length === 0 && !this.anywhere)) return this.connect(offset, cls, DEAD);
    const before = this.beforeNext(cls);
    const known = this.offsets.get(keyOf(before, cores));
    if (known !== undefined) return this.connect(offset, cls, known);
    if (!this.isFull(cores.length)) return this.connect(offset, cls, this.addState(before, cores));
    this.gaveUp = this.bytesRead + progress < MIN_BYTES_PER_STATE * this.states.length;
    this.clear();
    this.bytesRead = -progress;
    return this.gaveUp ? GAVE_UP : this.addState(before, cores);
  }

  private connect(offset: number, cls: number, target: number): number {
    this.table[offset + cls] = target;
    return target;
  }

  private isFull(cores: number): boolean {
    const words = (this.states.length + 2) * this.stride + this.coreWords + cores;
    return this.states.length >= MAX_STATES || (words > MAX_WORDS && this.states.length > 1);
  }

  private addState(before: number, cores: readonly number[]): number {
    this.states.push({ before, cores });
    this.coreWords += cores.length;
    const offset = this.states.length * this.stride;
    this.offsets.set(keyOf(before, cores), offset);
    if (offset + this.stride > this.table.length) {
      const wider = new Int32Array(Math.max(2 * this.table.length, 8 * this.stride));
      wider.set(this.table);
      this.table = wider;
    }
    return offset;
  }

  private clear(): void {
    this.table = new Int32Array(0);
    this.states = [];
    this.offsets = new Map();
    this.coreWords = 0;
    const before = this.asksAbout('text-start', 'line-start') ? Before.Start : Before.Other;
    this.start = this.addState(before, this.anywhere ? [] : [this.program.start]);
  }

  /** The instructions behind a code point of the class; null when the program matches before it. */
  private leave(state: State, cls: number): readonly number[] | null {
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

function keyOf(before: number, cores: readonly number[]): string {
  return `${before}:${cores.join()}`;
}
