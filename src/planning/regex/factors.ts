/**
 * What every match of an expression contains, as a few bytes after each other, each of a set: cheap to look for in many
 * bytes at once before the expression itself is tried.
 */

import type { Regex } from './ast.js';
import { byteShare } from './byte-share.js';

/** Bytes that may stand at each of `FACTOR_BYTES` places. */
export type Factor = readonly ByteSet[];
export type ByteSet = ReadonlySet<number>;

export interface RequiredFactors {
  /** Every match contains one of these ... */
  readonly factors: readonly Factor[];
  /** ... so many times, at different places. */
  readonly need: number;
}

export const FACTOR_BYTES = 3;
export const FACTORS_MAX = 8;
/** A factor expected more often than this, by byte, tells too few lines apart. */
const SHARE_MAX = 0.01;

const ANY_BYTE: ByteSet = new Set(Array.from({ length: 256 }, (_, byte) => byte));

/** Null when there is none worth looking for. */
export function requiredFactors(node: Regex): RequiredFactors | null {
  const inner = node.kind === 'capture' ? node.inner : node;
  const best = inner.kind === 'alternate' ? rarestOfEach(inner.options) : rarest(inner);
  return best && best.factors.reduce((sum, factor) => sum + shareOf(factor), 0) <= SHARE_MAX ? best : null;
}

function rarestOfEach(options: readonly Regex[]): RequiredFactors | null {
  if (options.length > FACTORS_MAX) return null;
  const factors = options.flatMap((option) => rarest(option)?.factors ?? []);
  return factors.length === options.length ? { factors, need: 1 } : null;
}

function rarest(node: Regex): RequiredFactors | null {
  const runs = new Runs();
  runs.add(node);
  const factors = runs.done().flatMap(windows);
  if (factors.length === 0) return null;
  const factor = factors.reduce((best, one) => (shareOf(one) < shareOf(best) ? one : best));
  return { factors: [factor], need: factors.filter((one) => keyOf(one) === keyOf(factor)).length };
}

/** Of one byte there is no factor: two of them might be at the same place. */
function windows(run: readonly ByteSet[]): Factor[] {
  if (run.length === 2) return [[...run, ANY_BYTE]];
  return run.slice(0, Math.max(0, run.length - FACTOR_BYTES + 1)).map((_, i) => run.slice(i, i + FACTOR_BYTES));
}

function shareOf(factor: Factor): number {
  return factor.reduce((share, set) => share * Math.min(1, sum([...set].map(byteShare))), 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function keyOf(factor: Factor): string {
  return factor.map((set) => [...set].sort((a, b) => a - b).join()).join(';');
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
    const copies = Math.min(min, FACTOR_BYTES);
    for (let i = 0; i < copies; i++) this.add(inner);
    if (min === max && min <= FACTOR_BYTES) return;
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
