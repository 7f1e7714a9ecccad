import { ASSERT, ASSERTIONS, MATCH, type Program, RUNE, SAVE, SPLIT } from './program.js';
import { decodeRune } from './rune.js';

/** What the next byte tells about a branch: column `byte` for ASCII, then one for other bytes and one for the end. */
const OTHER = 128;
const END = 129;
const COLUMNS = 130;

/** Bits of the visited set; a longer line times a larger program is refused. */
const MAX_BITS = 1 << 26;

export interface BacktrackerOptions {
  /** Bytes that every match begins with. */
  readonly prefix?: Buffer | null;
  /** A match has to begin at the start of the text. */
  readonly anchored?: boolean;
}

/**
 * Finds the leftmost match and its groups by backtracking that never tries a choice twice at the same place (the bit
 * state matcher of RE2, swtch.com/~rsc/regexp/regexp3.html), so time is at most proportional to the text times the
 * program. A choice that the next byte decides is not even remembered.
 */
export class Backtracker {
  private readonly program: Program;
  /** Numbers the splits; only those are marked as visited, since every loop has one. */
  private readonly splitIds: Int32Array;
  private readonly splits: number;
  /** For each set and ASCII byte whether it is a member. */
  private readonly ascii: Uint8Array;
  /** For each instruction and column whether a match can go on there. */
  private readonly ahead: Uint8Array;
  private readonly prefix: Buffer | null;
  private readonly anchored: boolean;

  private visited = new Uint32Array(64);
  private stack = new Int32Array(256);
  private bytes: Uint8Array = new Uint8Array(0);
  private base = 0;
  private end = 0;
  /** Choices looked at since the start of the last search; for tests. */
  steps = 0;

  constructor(program: Program, { prefix = null, anchored = false }: BacktrackerOptions = {}) {
    this.program = program;
    this.prefix = prefix;
    this.splitIds = new Int32Array(program.op.length);
    let splits = 0;
    for (let pc = 0; pc < program.op.length; pc++) if (program.op[pc] === SPLIT) this.splitIds[pc] = splits++;
    this.splits = splits;
    this.ascii = asciiMembers(program);
    this.ahead = lookAhead(program, this.ascii);
    this.anchored = anchored || startsAnchored(program);
  }

  /**
   * Finds the leftmost match in bytes[start..end). Writes absolute positions to spans[2g] and spans[2g+1] of each group
   * g, -1 for those that took no part; group 0 is the match. Null when the line is too long for this program.
   */
  find(bytes: Buffer, start: number, end: number, spans: Int32Array): boolean | null {
    const words = (this.splits * (end - start + 1) + 31) >>> 5;
    if (words > MAX_BITS / 32) return null;
    if (words > this.visited.length) this.visited = new Uint32Array(2 * words);
    else this.visited.fill(0, 0, words);
    this.bytes = bytes;
    this.base = start;
    this.end = end;
    this.steps = 0;
    const { ahead } = this;
    const entry = this.program.start * COLUMNS;
    const last = this.anchored ? start : end;
    const line = this.prefix === null ? null : bytes.subarray(start, end);
    for (let at = start; at <= last; ) {
      if (line !== null) {
        const hit = line.indexOf(this.prefix!, at - start);
        if (hit < 0) return false;
        at = start + hit;
      }
      if (ahead[entry + this.column(at)] === 1) {
        spans.fill(-1);
        if (this.run(at, spans)) return true;
      }
      at += at < end ? decodeRune(bytes, at, end) & 7 : 1;
    }
    return false;
  }

  private column(at: number): number {
    if (at >= this.end) return END;
    const byte = this.bytes[at]!;
    return byte < 0x80 ? byte : OTHER;
  }

  private run(start: number, spans: Int32Array): boolean {
    const { op, next, other, sets } = this.program;
    const { ascii, ahead, bytes, end } = this;
    const width = end - this.base + 1;
    let depth = 0;
    let pc = this.program.start;
    let at = start;
    for (;;) {
      let alive = false;
      switch (op[pc]) {
        case RUNE: {
          if (at >= end) break;
          const byte = bytes[at]!;
          if (byte < 0x80) {
            alive = ascii[(other[pc]! << 7) | byte] === 1;
            at += 1;
          } else {
            const rune = decodeRune(bytes, at, end);
            alive = contains(sets[other[pc]!]!, rune >> 3);
            at += rune & 7;
          }
          pc = next[pc]!;
          break;
        }
        case SPLIT: {
          this.steps += 1;
          const bit = this.splitIds[pc]! * width + at - this.base;
          if (this.isVisited(bit)) break;
          const column = at >= end ? END : bytes[at]! < 0x80 ? bytes[at]! : OTHER;
          const first = ahead[next[pc]! * COLUMNS + column] === 1;
          const second = ahead[other[pc]! * COLUMNS + column] === 1;
          if (first && second) depth = this.push(depth, other[pc]!, at);
          alive = first || second;
          pc = first ? next[pc]! : other[pc]!;
          break;
        }
        case SAVE: {
          const slot = other[pc]!;
          depth = this.push(depth, -1 - slot, spans[slot]!);
          spans[slot] = at;
          pc = next[pc]!;
          alive = true;
          break;
        }
        case ASSERT:
          alive = this.holds(other[pc]!, at);
          pc = next[pc]!;
          break;
        case MATCH:
          spans[0] = start;
          spans[1] = at;
          return true;
      }
      if (alive) continue;
      for (;;) {
        if (depth === 0) return false;
        depth -= 2;
        const saved = this.stack[depth]!;
        at = this.stack[depth + 1]!;
        pc = saved;
        if (saved >= 0) break;
        spans[-1 - saved] = at;
      }
    }
  }

  /** Remembers an instruction to resume at a position, or (below zero) the old value of a slot. */
  private push(depth: number, pc: number, value: number): number {
    if (depth + 2 > this.stack.length) {
      const wider = new Int32Array(2 * this.stack.length);
      wider.set(this.stack);
      this.stack = wider;
    }
    this.stack[depth] = pc;
    this.stack[depth + 1] = value;
    return depth + 2;
  }

  /** Also marks it. */
  private isVisited(bit: number): boolean {
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    const old = this.visited[word]!;
    this.visited[word] = old | mask;
    return (old & mask) !== 0;
  }

  private holds(assertion: number, at: number): boolean {
    const { bytes, base, end } = this;
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
        return this.isWord(at - 1) !== this.isWord(at);
      case 'no-word-boundary':
        return this.isWord(at - 1) === this.isWord(at);
      default:
        return false;
    }
  }

  private isWord(at: number): boolean {
    if (at < this.base || at >= this.end) return false;
    const byte = this.bytes[at]!;
    return (
      (byte >= 0x61 && byte <= 0x7a) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x30 && byte <= 0x39) ||
      byte === 0x5f
    );
  }
}

function contains(ranges: readonly number[], rune: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (rune <= ranges[i + 1]!) return rune >= ranges[i]!;
  return false;
}

function asciiMembers(program: Program): Uint8Array {
  const members = new Uint8Array(program.sets.length * 128);
  program.sets.forEach((ranges, set) => {
    for (let byte = 0; byte < 128; byte++) if (contains(ranges, byte)) members[set * 128 + byte] = 1;
  });
  return members;
}

function startsAnchored({ op, next, other, start }: Program): boolean {
  let pc = start;
  while (op[pc] === SAVE) pc = next[pc]!;
  return op[pc] === ASSERT && ASSERTIONS[other[pc]!] === 'text-start';
}

/**
 * For each instruction the bytes it can go on with. Sets flow backwards from runes through what is free; an assertion
 * counts as true.
 */
function lookAhead({ op, next, other, sets }: Program, ascii: Uint8Array): Uint8Array {
  const ahead = new Uint8Array(op.length * COLUMNS);
  const merge = (pc: number, from: number): boolean => {
    let changed = false;
    for (let column = 0; column < COLUMNS; column++) {
      if (ahead[from * COLUMNS + column] === 1 && ahead[pc * COLUMNS + column] === 0) {
        ahead[pc * COLUMNS + column] = 1;
        changed = true;
      }
    }
    return changed;
  };
  for (let pc = 0; pc < op.length; pc++) {
    if (op[pc] === MATCH) ahead.fill(1, pc * COLUMNS, (pc + 1) * COLUMNS);
    if (op[pc] !== RUNE) continue;
    const set = other[pc]!;
    ahead.set(ascii.subarray(set * 128, set * 128 + 128), pc * COLUMNS);
    if (sets[set]!.some((bound) => bound >= 0x80)) ahead[pc * COLUMNS + OTHER] = 1;
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (let pc = 0; pc < op.length; pc++) {
      if (op[pc] === SAVE || op[pc] === ASSERT || op[pc] === SPLIT) changed = merge(pc, next[pc]!) || changed;
      if (op[pc] === SPLIT) changed = merge(pc, other[pc]!) || changed;
    }
  }
  return ahead;
}
