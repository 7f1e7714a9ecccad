import type { Program } from './program.js';
import { decodeRune } from './rune.js';
import type { RuneClasses } from './rune-classes.js';
import { DEAD, MATCHED, type Subset, Subsets, subsetKey } from './subsets.js';

/** A transition is the offset of a state in the table (> 0), DEAD, MATCHED, or one of these. */
const UNKNOWN = 0;
const GAVE_UP = -3;

const MAX_STATES = 4096;
/** Of the table and of the instruction lists together, in words. */
const MAX_WORDS = 1 << 21;
/** When a full cache served fewer bytes than this for each state, it is not worth having (RE2 draws the same line). */
const MIN_BYTES_PER_STATE = 10;

/**
 * Runs a program in time linear in the text: a deterministic automaton whose states are built on first use (the lazy
 * DFA of RE2, swtch.com/~rsc/regexp/regexp3.html). A match is noticed one code point late, because assertions look
 * ahead.
 */
export class Dfa {
  private readonly subsets: Subsets;
  private readonly classes: RuneClasses;
  /** Of a state in the table: the classes, the end of the text, and one that is never filled in. */
  private readonly stride: number;
  /** For each byte its column; bytes beyond ASCII have to be decoded first, so theirs is the one never filled in. */
  private readonly columns: Uint16Array;

  private table = new Int32Array(0);
  private states: Subset[] = [];
  private offsets = new Map<string, number>();
  private start = 0;
  private coreWords = 0;
  /** Bytes read since the cache was last empty, without those of the current text. */
  private bytesRead = 0;
  private gaveUp = false;

  /** `anywhere`: a match may begin anywhere in the text, else only at its start. */
  constructor(program: Program, anywhere: boolean) {
    this.subsets = new Subsets(program, anywhere);
    this.classes = this.subsets.classes;
    this.stride = this.classes.count + 2;
    this.columns = Uint16Array.from({ length: 256 }, (_, byte) =>
      byte < 0x80 ? this.classes.of(byte) : this.classes.count + 1,
    );
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
    const state = this.subsets.step(this.states[offset / this.stride - 1]!, cls);
    if (state === MATCHED || state === DEAD) return this.connect(offset, cls, state);
    const known = this.offsets.get(subsetKey(state));
    if (known !== undefined) return this.connect(offset, cls, known);
    if (!this.isFull(state.cores.length)) return this.connect(offset, cls, this.addState(state));
    this.gaveUp = this.bytesRead + progress < MIN_BYTES_PER_STATE * this.states.length;
    this.clear();
    this.bytesRead = -progress;
    return this.gaveUp ? GAVE_UP : this.addState(state);
  }

  private connect(offset: number, cls: number, target: number): number {
    this.table[offset + cls] = target;
    return target;
  }

  private isFull(cores: number): boolean {
    const words = (this.states.length + 2) * this.stride + this.coreWords + cores;
    return this.states.length >= MAX_STATES || (words > MAX_WORDS && this.states.length > 1);
  }

  private addState(state: Subset): number {
    this.states.push(state);
    this.coreWords += state.cores.length;
    const offset = this.states.length * this.stride;
    this.offsets.set(subsetKey(state), offset);
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
    this.start = this.addState(this.subsets.start);
  }
}
