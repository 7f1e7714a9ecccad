import { ASSERT, MATCH, type Program, RUNE, SAVE, SPLIT } from './program.js';

/** Tables have a column for each byte and one for the end of the text. */
export const END = 256;
export const COLUMNS = 257;

/** How a set meets a byte: not at all, as an ASCII member, or after decoding. */
export const DECODE = 2;
/** Branches of a split that a byte leaves open. */
export const FIRST = 1;
export const SECOND = 2;

/** What the next byte tells about a program, so that a matcher need not try to find out. */
export interface Lookahead {
  /** For each set and byte: 0, 1 or DECODE. */
  readonly members: Uint8Array;
  /** For each instruction and column the branches that can go on; instructions other than splits have one. */
  readonly open: Uint8Array;
  /** For each split the branch that only takes one code point and comes back, 0 where there is none. */
  readonly loops: Uint8Array;
}

export function lookahead(program: Program): Lookahead {
  const members = setMembers(program);
  const open = openBranches(program, members);
  const loops = simpleLoops(program);
  closeSureExits(program, loops, open);
  return { members, open, loops };
}

export function contains(ranges: readonly number[], rune: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (rune <= ranges[i + 1]!) return rune >= ranges[i]!;
  return false;
}

function simpleLoops({ op, next, other }: Program): Uint8Array {
  return Uint8Array.from(op, (kind, pc) => {
    const returns = (branch: number): boolean => op[branch] === RUNE && next[branch] === pc;
    if (kind !== SPLIT) return 0;
    return returns(next[pc]!) ? FIRST : returns(other[pc]!) ? SECOND : 0;
  });
}

/** A greedy loop before the end of the program never has to come back: whenever it stops, the match is complete. */
function closeSureExits({ op, next, other }: Program, loops: Uint8Array, open: Uint8Array): void {
  for (let pc = 0; pc < op.length; pc++) {
    if (loops[pc] !== FIRST) continue;
    let exit = other[pc]!;
    while (op[exit] === SAVE) exit = next[exit]!;
    if (op[exit] !== MATCH) continue;
    for (let cell = pc * COLUMNS; cell < pc * COLUMNS + 0x80; cell++) if (open[cell]! & FIRST) open[cell] = FIRST;
  }
}

function setMembers(program: Program): Uint8Array {
  const members = new Uint8Array(program.sets.length * 256);
  program.sets.forEach((ranges, set) => {
    for (let byte = 0; byte < 0x80; byte++) if (contains(ranges, byte)) members[set * 256 + byte] = 1;
    if (ranges.at(-1)! >= 0x80) members.fill(DECODE, set * 256 + 0x80, set * 256 + 256);
  });
  return members;
}

/**
 * For each instruction and next byte which branches can go on; instructions other than splits have one. What a byte
 * opens flows backwards from runes and matches through what is free; an assertion counts as true.
 */
function openBranches({ op, next, other }: Program, members: Uint8Array): Uint8Array {
  const open = new Uint8Array(op.length * COLUMNS);
  const flow = (pc: number, from: number, branch: number): boolean => {
    let changed = false;
    for (let column = 0; column < COLUMNS; column++) {
      const cell = pc * COLUMNS + column;
      if (open[from * COLUMNS + column] !== 0 && (open[cell]! & branch) === 0) {
        open[cell] = open[cell]! | branch;
        changed = true;
      }
    }
    return changed;
  };
  for (let pc = 0; pc < op.length; pc++) {
    if (op[pc] === MATCH) open.fill(FIRST, pc * COLUMNS, (pc + 1) * COLUMNS);
    if (op[pc] === RUNE) open.set(members.subarray(other[pc]! * 256, other[pc]! * 256 + 256), pc * COLUMNS);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (let pc = 0; pc < op.length; pc++) {
      if (op[pc] === SAVE || op[pc] === ASSERT || op[pc] === SPLIT) changed = flow(pc, next[pc]!, FIRST) || changed;
      if (op[pc] === SPLIT) changed = flow(pc, other[pc]!, SECOND) || changed;
    }
  }
  return open;
}
