import type { Assertion, Regex } from '../../planning/regex/ast.js';
import { foldRange, MAX_RUNE, normalizeRanges } from '../../planning/regex/runes.js';
import { unreachable } from '../../wire/exhaustive.js';

/**
 * A regular expression as a non-deterministic automaton over code points (Thompson 1968, as in RE2). Instruction `pc`
 * is op[pc] with its successors; a split prefers `next` over `other`, which is what makes matches leftmost-first.
 */
export interface Program {
  readonly op: Uint8Array;
  readonly next: Int32Array;
  /** The second successor of a split, the set of a rune, the slot of a save, the kind of an assertion. */
  readonly other: Int32Array;
  readonly start: number;
  /** Sets of code points as sorted ranges, referred to by runes. */
  readonly sets: readonly (readonly number[])[];
  readonly assertions: ReadonlySet<Assertion>;
  /** Capturing groups without group 0. */
  readonly groups: number;
}

/** What an instruction does; plain constants, since an engine switches on them for every byte. */
export const RUNE = 0;
export const SPLIT = 1;
export const SAVE = 2;
export const ASSERT = 3;
export const MATCH = 4;
export const FAIL = 5;

export const ASSERTIONS: readonly Assertion[] = [
  'text-start',
  'text-end',
  'line-start',
  'line-end',
  'word-boundary',
  'no-word-boundary',
];

/** Larger programs are left to re2js. */
const MAX_INSTRUCTIONS = 20_000;

export interface ProgramOptions {
  /** Keep save instructions, so that group positions can be told. */
  readonly captures: boolean;
  /** A match has to end at the end of the text. */
  readonly toEnd: boolean;
}

/** Null for what only re2js can run: opaque sets, and programs beyond the size bound. */
export function compileProgram(regex: Regex, options: ProgramOptions): Program | null {
  const builder = new Builder(options.captures);
  const match = builder.emit(MATCH, 0, 0);
  const start = builder.build(regex, options.toEnd ? builder.assert('text-end', match) : match);
  return builder.failed ? null : builder.finish(start);
}

/** Builds backwards: every node is given the instruction that follows it and returns the one that enters it. */
class Builder {
  failed = false;
  private readonly captures: boolean;
  private readonly op: number[] = [];
  private readonly next: number[] = [];
  private readonly other: number[] = [];
  private readonly sets: (readonly number[])[] = [];
  private readonly setIds = new Map<string, number>();
  private readonly assertions = new Set<Assertion>();
  private groups = 0;

  constructor(captures: boolean) {
    this.captures = captures;
  }

  finish(start: number): Program {
    return {
      op: Uint8Array.from(this.op),
      next: Int32Array.from(this.next),
      other: Int32Array.from(this.other),
      start,
      sets: this.sets,
      assertions: this.assertions,
      groups: this.groups,
    };
  }

  emit(op: number, next: number, other: number): number {
    if (this.op.length >= MAX_INSTRUCTIONS) this.failed = true;
    if (this.failed) return 0;
    this.op.push(op);
    this.next.push(next);
    this.other.push(other);
    return this.op.length - 1;
  }

  assert(at: Assertion, next: number): number {
    this.assertions.add(at);
    return this.emit(ASSERT, next, ASSERTIONS.indexOf(at));
  }

  build(node: Regex, next: number): number {
    if (this.failed) return 0;
    switch (node.kind) {
      case 'empty':
        return next;
      case 'none':
        return this.emit(FAIL, 0, 0);
      case 'literal':
        return this.literal(node.text, node.ignoreCase, next);
      case 'class':
        return this.rune(node.ranges, next);
      case 'any':
        return this.rune(node.newline ? [0, MAX_RUNE] : [0, 0x09, 0x0b, MAX_RUNE], next);
      case 'concat':
        return node.parts.reduceRight((after, part) => this.build(part, after), next);
      case 'alternate':
        return node.options.reduceRight(
          (after, option, i) => this.option(option, after, i, node.options.length, next),
          0,
        );
      case 'repeat':
        return this.repeat(node, next);
      case 'capture':
        return this.capture(node.inner, node.group, next);
      case 'assert':
        return this.assert(node.at, next);
      case 'opaque':
        this.failed = true;
        return 0;
      default:
        return unreachable(node);
    }
  }

  private option(option: Regex, after: number, index: number, options: number, next: number): number {
    const entry = this.build(option, next);
    return index === options - 1 ? entry : this.emit(SPLIT, entry, after);
  }

  private literal(text: string, ignoreCase: boolean, next: number): number {
    return [...text].reduceRight((after, character) => {
      const rune = character.codePointAt(0)!;
      const folded = ignoreCase ? foldRange(rune, rune) : null;
      return this.rune(normalizeRanges(folded ?? [rune, rune]), after);
    }, next);
  }

  private rune(ranges: readonly number[], next: number): number {
    const key = ranges.join();
    let id = this.setIds.get(key);
    if (id === undefined) {
      id = this.sets.push(ranges) - 1;
      this.setIds.set(key, id);
    }
    return this.emit(RUNE, next, id);
  }

  private capture(inner: Regex, group: number, next: number): number {
    this.groups = Math.max(this.groups, group);
    if (!this.captures) return this.build(inner, next);
    const close = this.emit(SAVE, next, 2 * group + 1);
    return this.emit(SAVE, this.build(inner, close), 2 * group);
  }

  /** x{2,4} is xx(x(x)?)?, x{2,} is xx+, as in Go's regexp/syntax. */
  private repeat({ inner, min, max, greedy }: Regex & { kind: 'repeat' }, next: number): number {
    let entry = next;
    if (max === Infinity) {
      entry = min === 0 ? this.star(inner, greedy, next) : this.plus(inner, greedy, next);
    } else {
      for (let i = min; i < max && !this.failed; i++) entry = this.split(this.build(inner, entry), next, greedy);
    }
    const copies = max === Infinity ? min - 1 : min;
    for (let i = 0; i < copies && !this.failed; i++) entry = this.build(inner, entry);
    return entry;
  }

  /** Where x can be empty, x* is (x+)?, so that an empty round is tried before none (golang.org/issue/46123). */
  private star(inner: Regex, greedy: boolean, next: number): number {
    if (canBeEmpty(inner)) return this.split(this.plus(inner, greedy, next), next, greedy);
    const loop = this.emit(SPLIT, 0, 0);
    return this.patch(loop, this.build(inner, loop), next, greedy);
  }

  private plus(inner: Regex, greedy: boolean, next: number): number {
    const loop = this.emit(SPLIT, 0, 0);
    const entry = this.build(inner, loop);
    this.patch(loop, entry, next, greedy);
    return entry;
  }

  private split(into: number, past: number, greedy: boolean): number {
    return greedy ? this.emit(SPLIT, into, past) : this.emit(SPLIT, past, into);
  }

  private patch(loop: number, into: number, past: number, greedy: boolean): number {
    this.next[loop] = greedy ? into : past;
    this.other[loop] = greedy ? past : into;
    return loop;
  }
}

function canBeEmpty(node: Regex): boolean {
  switch (node.kind) {
    case 'empty':
    case 'assert':
      return true;
    case 'concat':
      return node.parts.every(canBeEmpty);
    case 'alternate':
      return node.options.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.inner);
    case 'capture':
      return canBeEmpty(node.inner);
    default:
      return false;
  }
}
