import type { Program } from '../regex/program.js';
import { decodeRune } from '../regex/rune.js';
import { DEAD, MATCHED, type Subset, Subsets, subsetKey } from '../regex/subsets.js';
import { NO, OPEN, YES } from './verdict.js';

/** A transition is the offset of a state in the table (> 0) or one of these. */
const UNKNOWN = 0;
const DECIDED_NO = -1;
const DECIDED_YES = -2;

/** More make the automaton give up: its answer is OPEN from then on. */
const STATES_MAX = 2048;
const SUBSETS_MAX = 2048;
/** Subsets of one state; beyond, little is ever decided. */
const WIDTH_MAX = 64;

const DIGITS = '0123456789';
const HEX_DIGITS = '0123456789abcdef';

/**
 * Runs a program on the shapes of lines (storage/dataobj/logs/shape.ts) and tells whether it matches all lines of a shape,
 * none, or whether that depends. A state is the set of states that a deterministic automaton may be in after any of the
 * lines: a mark leads to whatever some run of its digits leads to. If all members agree at the end, the answer is theirs.
 */
export class ShapeAutomaton {
  private readonly subsets: Subsets;
  /** Members of states: indices of subsets, DEAD and MATCHED. */
  private readonly known: Subset[] = [];
  private readonly indexOf = new Map<string, number>();
  private readonly steps = new Map<number, number>();
  private readonly states: (readonly number[])[] = [];
  private readonly offsetOf = new Map<string, number>();
  private readonly stride: number;
  /** Columns of the table: the classes, the end of the text, both marks, and one that is never filled in. */
  private readonly columns: Uint16Array;
  private readonly runClasses: readonly (readonly number[])[];
  private table = new Int32Array(1024);
  private readonly start: number;
  private gaveUp = false;

  /** For matches anywhere in the line. */
  constructor(program: Program) {
    this.subsets = new Subsets(program, true);
    const { classes } = this.subsets;
    const { count } = classes;
    this.stride = count + 4;
    this.columns = Uint16Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? classes.of(byte) : count + 3));
    this.columns[0x30] = count + 1;
    this.columns[0x31] = count + 2;
    this.runClasses = [DIGITS, HEX_DIGITS].map((run) => [
      ...new Set([...run].map((digit) => classes.of(digit.charCodeAt(0)))),
    ]);
    this.start = this.addState([this.addSubset(this.subsets.start)]);
  }

  /** The verdict on the shape bytes[start..end). */
  judge(bytes: Uint8Array, start: number, end: number): typeof NO | typeof OPEN | typeof YES {
    if (this.gaveUp) return OPEN;
    const { columns } = this;
    const { classes } = this.subsets;
    let { table } = this;
    let state = this.start;
    let at = start;
    for (;;) {
      while (at < end) {
        const next = table[state + columns[bytes[at]!]!]!;
        if (next <= 0) break;
        state = next;
        at += 1;
      }
      let column = classes.count;
      if (at < end) {
        column = columns[bytes[at]!]!;
        const rune = decodeRune(bytes, at, end);
        if (column === classes.count + 3) column = classes.of(rune >> 3);
        at += rune & 7;
      } else at += 1;
      let next = table[state + column]!;
      if (next === UNKNOWN) {
        next = this.explore(state, column);
        table = this.table;
      }
      if (next === DECIDED_NO) return NO;
      if (next === DECIDED_YES) return YES;
      if (next === UNKNOWN || at > end) return OPEN;
      state = next;
    }
  }

  private explore(offset: number, column: number): number {
    const members = this.states[offset / this.stride - 1]!;
    const { count } = this.subsets.classes;
    const run = column > count ? this.runClasses[column - count - 1]! : [column];
    const reached = this.reach(members, run, column > count);
    const next = reached === null ? null : this.connectTo(reached, column === count);
    if (next === null) {
      this.gaveUp = true;
      return UNKNOWN;
    }
    this.table[offset + column] = next;
    return next;
  }

  /** Where members get on one code point of the classes, or on any number of them; null when that is too much. */
  private reach(members: readonly number[], classes: readonly number[], repeated: boolean): number[] | null {
    const reached = new Set<number>();
    let frontier = members;
    do {
      const fresh: number[] = [];
      for (const member of frontier) {
        for (const cls of classes) {
          const next = this.stepOf(member, cls);
          if (reached.has(next)) continue;
          reached.add(next);
          fresh.push(next);
        }
      }
      if (reached.size > WIDTH_MAX || this.known.length > SUBSETS_MAX) return null;
      frontier = fresh;
    } while (repeated && frontier.length > 0);
    return [...reached].sort((a, b) => a - b);
  }

  /** The transition to a state; at the end of the text a state without agreement is one that leads nowhere. */
  private connectTo(members: readonly number[], atEnd: boolean): number | null {
    if (members.length === 1 && members[0]! === DEAD) return DECIDED_NO;
    if (members.length === 1 && members[0]! === MATCHED) return DECIDED_YES;
    const known = this.offsetOf.get(members.join());
    if (known !== undefined) return known;
    return this.states.length >= STATES_MAX && !atEnd ? null : this.addState(members);
  }

  private stepOf(member: number, cls: number): number {
    if (member < 0) return member;
    const key = member * this.stride + cls;
    let next = this.steps.get(key);
    if (next === undefined) {
      const state = this.subsets.step(this.known[member]!, cls);
      next = typeof state === 'number' ? state : this.addSubset(state);
      this.steps.set(key, next);
    }
    return next;
  }

  private addSubset(subset: Subset): number {
    const key = subsetKey(subset);
    const known = this.indexOf.get(key);
    if (known !== undefined) return known;
    this.indexOf.set(key, this.known.length);
    return this.known.push(subset) - 1;
  }

  private addState(members: readonly number[]): number {
    this.states.push(members);
    const offset = this.states.length * this.stride;
    this.offsetOf.set(members.join(), offset);
    if (offset + this.stride > this.table.length) {
      const wider = new Int32Array(Math.max(2 * this.table.length, offset + this.stride));
      wider.set(this.table);
      this.table = wider;
    }
    return offset;
  }
}
