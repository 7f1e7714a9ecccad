import { COLUMNS, contains, DECODE, END, FIRST, type Lookahead, lookahead, SECOND } from './lookahead.js';
import { ASSERT, ASSERTIONS, MATCH, type Program, RUNE, SAVE, SPLIT } from './program.js';
import { decodeRune } from './rune.js';

/** Bits of the visited set; a longer line times a larger program is refused. */
const MAX_BITS = 1 << 26;
/** Splits passed for each byte, and for a start, before places are marked as visited. */
const STEPS_PER_BYTE = 4;
const FREE_STEPS = 64;

const FAILED = 0;
const FOUND = 1;
const OVERRUN = 2;

export interface BacktrackerOptions {
  /** Bytes that every match begins with. */
  readonly prefix?: Buffer | null;
  /** A match has to begin at the start of the text. */
  readonly anchored?: boolean;
}

/**
 * Finds the leftmost match and its groups by backtracking that never tries a choice twice at the same place (the bit
 * state matcher of RE2, swtch.com/~rsc/regexp/regexp3.html), so time is at most proportional to the text times the
 * program. Choices that the next byte decides are not remembered, and places are marked only when a first attempt
 * without marks has used up a number of steps proportional to the text.
 */
export class Backtracker {
  private readonly program: Program;
  private readonly prefix: Buffer | null;
  private readonly anchored: boolean;
  /** Numbers the splits; only those are marked as visited, since every loop has one. */
  private readonly splitIds: Int32Array;
  private readonly splits: number;
  private readonly ahead: Lookahead;

  private visited = new Int32Array(64);
  private stack = new Int32Array(256);
  private budget = 0;
  private granted = 0;

  constructor(program: Program, { prefix = null, anchored = false }: BacktrackerOptions = {}) {
    this.program = program;
    this.prefix = prefix;
    this.anchored = anchored || startsAnchored(program);
    this.splitIds = new Int32Array(program.op.length);
    let splits = 0;
    for (let pc = 0; pc < program.op.length; pc++) if (program.op[pc] === SPLIT) this.splitIds[pc] = splits++;
    this.splits = splits;
    this.ahead = lookahead(program);
  }

  /**
   * Finds the leftmost match in bytes[start..end). Writes absolute positions to spans[2g] and spans[2g+1] of each group
   * g, -1 for those that took no part; group 0 is the match. Null when the line is too long for this program.
   */
  find(bytes: Buffer, start: number, end: number, spans: Int32Array): boolean | null {
    this.granted = this.budget = STEPS_PER_BYTE * (end - start) + FREE_STEPS;
    const outcome = this.search(bytes, start, end, spans, false);
    if (outcome !== OVERRUN) return outcome === FOUND;
    const words = (this.splits * (end - start + 1) + 31) >>> 5;
    if (words > MAX_BITS / 32) return null;
    if (words > this.visited.length) this.visited = new Int32Array(2 * words);
    else this.visited.fill(0, 0, words);
    this.budget = 0;
    return this.search(bytes, start, end, spans, true) === FOUND;
  }

  /** Splits passed by the last call; for tests. */
  get steps(): number {
    return this.granted - this.budget;
  }

  private search(bytes: Buffer, start: number, end: number, spans: Int32Array, marking: boolean): number {
    const { prefix } = this;
    const { open } = this.ahead;
    const entry = this.program.start * COLUMNS;
    const line = prefix === null ? bytes : bytes.subarray(start, end);
    const last = this.anchored ? start : end;
    for (let at = start; at <= last; ) {
      if (prefix !== null) {
        const hit = line.indexOf(prefix, at - start);
        if (hit < 0) return FAILED;
        at = start + hit;
      }
      if (open[entry + (at < end ? bytes[at]! : END)] !== 0) {
        spans.fill(-1);
        const outcome = this.run(bytes, start, at, end, spans, marking);
        if (outcome !== FAILED) return outcome;
      }
      at += at < end && bytes[at]! >= 0x80 ? decodeRune(bytes, at, end) & 7 : 1;
    }
    return FAILED;
  }

  /** Tries to match at one place. */
  private run(
    bytes: Uint8Array,
    base: number,
    start: number,
    end: number,
    spans: Int32Array,
    marking: boolean,
  ): number {
    const { op, next, other, sets } = this.program;
    const { members, open, loops } = this.ahead;
    const width = end - base + 1;
    let { stack, budget } = this;
    let depth = 0;
    let pc = this.program.start;
    let at = start;
    for (;;) {
      let alive = false;
      switch (op[pc]) {
        case RUNE: {
          if (at >= end) break;
          const set = other[pc]!;
          const member = members[(set << 8) | bytes[at]!]!;
          if (member === DECODE) {
            const rune = decodeRune(bytes, at, end);
            alive = contains(sets[set]!, rune >> 3);
            at += rune & 7;
          } else {
            alive = member !== 0;
            at += 1;
          }
          pc = next[pc]!;
          break;
        }
        case SPLIT: {
          if (--budget < 0 && !marking) {
            this.budget = 0;
            return OVERRUN;
          }
          if (marking && this.mark(this.splitIds[pc]! * width + at - base)) break;
          const row = pc * COLUMNS;
          const around = loops[pc]!;
          if (around !== 0 && !marking) {
            const from = at;
            while (at < end && bytes[at]! < 0x80 && open[row + bytes[at]!] === around) at++;
            budget -= at - from;
          }
          const branches = open[row + (at < end ? bytes[at]! : END)]!;
          if (branches === (FIRST | SECOND)) {
            if (depth + 2 > stack.length) stack = this.growStack();
            stack[depth] = other[pc]!;
            stack[depth + 1] = at;
            depth += 2;
          }
          alive = branches !== 0;
          pc = branches & FIRST ? next[pc]! : other[pc]!;
          break;
        }
        case SAVE: {
          const slot = other[pc]!;
          if (depth + 2 > stack.length) stack = this.growStack();
          stack[depth] = -1 - slot; // to be restored on the way back
          stack[depth + 1] = spans[slot]!;
          depth += 2;
          spans[slot] = at;
          pc = next[pc]!;
          alive = true;
          break;
        }
        case ASSERT:
          alive = holds(other[pc]!, bytes, base, at, end);
          pc = next[pc]!;
          break;
        case MATCH:
          spans[0] = start;
          spans[1] = at;
          return FOUND;
      }
      while (!alive) {
        if (depth === 0) {
          this.budget = budget;
          return FAILED;
        }
        depth -= 2;
        pc = stack[depth]!;
        at = stack[depth + 1]!;
        alive = pc >= 0;
        if (!alive) spans[-1 - pc] = at;
      }
    }
  }

  private growStack(): Int32Array<ArrayBuffer> {
    const wider = new Int32Array(2 * this.stack.length);
    wider.set(this.stack);
    this.stack = wider;
    return wider;
  }

  /** Marks a place; true when it was marked before. */
  private mark(bit: number): boolean {
    const mask = 1 << (bit & 31);
    const old = this.visited[bit >>> 5]!;
    this.visited[bit >>> 5] = old | mask;
    return (old & mask) !== 0;
  }
}

function holds(assertion: number, bytes: Uint8Array, base: number, at: number, end: number): boolean {
  switch (ASSERTIONS[assertion]) {
    case 'text-start':
      return at === base;
    case 'text-end':
      return at === end;
    case 'line-start':
      return at === base || bytes[at - 1] === 0x0a;
    case 'line-end':
      return at === end || bytes[at] === 0x0a;
    case 'word-boundary':
      return (at > base && isWord(bytes[at - 1]!)) !== (at < end && isWord(bytes[at]!));
    case 'no-word-boundary':
      return (at > base && isWord(bytes[at - 1]!)) === (at < end && isWord(bytes[at]!));
    default:
      return false;
  }
}

function isWord(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;
}

function startsAnchored({ op, next, other, start }: Program): boolean {
  let pc = start;
  while (op[pc] === SAVE) pc = next[pc]!;
  return op[pc] === ASSERT && ASSERTIONS[other[pc]!] === 'text-start';
}
