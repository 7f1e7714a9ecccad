/**
 * What every match of an expression contains, as a few bytes after each other, each of a set: cheap to look for in many
 * bytes at once before the expression itself is tried.
 */

import type { Regex } from './ast.js';
import { byteShare } from './byte-share.js';

/** Bytes that may stand at each of `SHAPE_BYTES` places. */
export type Shape = readonly ByteSet[];
export type ByteSet = ReadonlySet<number>;

export interface RequiredShapes {
  /** Every match contains one of these ... */
  readonly shapes: readonly Shape[];
  /** ... so many times, at different places. */
  readonly need: number;
}

export const SHAPE_BYTES = 3;
export const SHAPES_MAX = 8;
/** A shape expected more often than this, by byte, tells too few lines apart. */
const SHARE_MAX = 0.01;

const ANY_BYTE: ByteSet = new Set(Array.from({ length: 256 }, (_, byte) => byte));

/** Null when there is none worth looking for. */
export function requiredShapes(node: Regex): RequiredShapes | null {
  const inner = node.kind === 'capture' ? node.inner : node;
  const best = inner.kind === 'alternate' ? rarestOfEach(inner.options) : rarest(inner);
  return best && best.shapes.reduce((sum, shape) => sum + shareOf(shape), 0) <= SHARE_MAX ? best : null;
}

function rarestOfEach(options: readonly Regex[]): RequiredShapes | null {
  if (options.length > SHAPES_MAX) return null;
  const shapes = options.flatMap((option) => rarest(option)?.shapes ?? []);
  return shapes.length === options.length ? { shapes, need: 1 } : null;
}

function rarest(node: Regex): RequiredShapes | null {
  const runs = new Runs();
  runs.add(node);
  const shapes = runs.done().flatMap(windows);
  if (shapes.length === 0) return null;
  const shape = shapes.reduce((best, one) => (shareOf(one) < shareOf(best) ? one : best));
  return { shapes: [shape], need: shapes.filter((one) => keyOf(one) === keyOf(shape)).length };
}

/** Of one byte there is no shape: two of them might be at the same place. */
function windows(run: readonly ByteSet[]): Shape[] {
  if (run.length === 2) return [[...run, ANY_BYTE]];
  return run.slice(0, Math.max(0, run.length - SHAPE_BYTES + 1)).map((_, i) => run.slice(i, i + SHAPE_BYTES));
}

function shareOf(shape: Shape): number {
  return shape.reduce((share, set) => share * Math.min(1, sum([...set].map(byteShare))), 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function keyOf(shape: Shape): string {
  return shape.map((set) => [...set].sort((a, b) => a - b).join()).join(';');
}

/** Collects bytes that are next to each other in every match. */
class Runs {
  readonly #runs: ByteSet[][] = [[]];

  done(): readonly (readonly ByteSet[])[] {
    return this.#runs;
  }

  add(node: Regex): void {
    switch (node.kind) {
      case 'literal':
        for (const character of node.text) this.#character(character, node.ignoreCase);
        break;
      case 'class':
        this.#put(asciiSet(node.ranges));
        break;
      case 'concat':
        for (const part of node.parts) this.add(part);
        break;
      case 'capture':
        this.add(node.inner);
        break;
      case 'repeat':
        this.#repeat(node);
        break;
      case 'empty':
      case 'assert':
        break;
      default:
        this.#cut();
    }
  }

  #character(character: string, ignoreCase: boolean): void {
    // Under (?i) Go takes the long s for an s, and the Kelvin sign for a k.
    if (ignoreCase && /[ks]/i.test(character)) this.#cut();
    else if (ignoreCase && /[a-z]/i.test(character)) {
      this.#put(new Set([character.toLowerCase().charCodeAt(0), character.toUpperCase().charCodeAt(0)]));
    } else for (const byte of Buffer.from(character)) this.#put(new Set([byte]));
  }

  /** The first repetitions end a run, and the last begin another. */
  #repeat({ inner, min, max }: Regex & { kind: 'repeat' }): void {
    const copies = Math.min(min, SHAPE_BYTES);
    for (let i = 0; i < copies; i++) this.add(inner);
    if (min === max && min <= SHAPE_BYTES) return;
    this.#cut();
    const isOneByte = inner.kind === 'class' || (inner.kind === 'literal' && inner.text.length === 1);
    if (isOneByte) for (let i = 0; i < copies; i++) this.add(inner);
  }

  #put(set: ByteSet | null): void {
    if (set === null) this.#cut();
    else this.#runs.at(-1)!.push(set);
  }

  #cut(): void {
    if (this.#runs.at(-1)!.length > 0) this.#runs.push([]);
  }
}

function asciiSet(ranges: readonly number[]): ByteSet | null {
  if (ranges.length === 0 || ranges.at(-1)! > 0x7f) return null;
  const set = new Set<number>();
  for (let i = 0; i < ranges.length; i += 2) for (let code = ranges[i]!; code <= ranges[i + 1]!; code++) set.add(code);
  return set;
}
