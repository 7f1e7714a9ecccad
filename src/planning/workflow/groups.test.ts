import { describe, expect, it } from 'vitest';
import { live, section } from '../../../test/support/plan-case.js';
import type { ScanTarget } from '../physical/node.js';
import { type OrderedScan, orderedGroups, suitsOne } from './groups.js';
import type { Piece } from './pieces.js';

function piecesOf(rows: readonly number[], bytes = 1000): Piece[] {
  return rows.map((count, rank) => ({ rank, target: section({ rows: count, bytes }) }));
}

const scanFor = (wanted: number, more: Partial<OrderedScan> = {}): OrderedScan => ({
  wanted,
  inOne: false,
  isWhole: () => true,
  ...more,
});
const sizes = (groups: readonly (readonly Piece[])[]): number[] => groups.map((group) => group.length);

describe('sections of which little is read and the first rows are wanted', () => {
  it('share tasks, two of one size and then of twice that', () => {
    expect(sizes(orderedGroups(piecesOf(Array(30).fill(100)), scanFor(100)))).toEqual([4, 4, 8, 8, 6]);
  });

  it('are scanned alone where one has rows enough, or more is read of it', () => {
    expect(sizes(orderedGroups(piecesOf([500, 500, 500]), scanFor(100)))).toEqual([1, 1, 1]);
    expect(sizes(orderedGroups(piecesOf([1, 1, 1], 1 << 20), scanFor(100)))).toEqual([1, 1, 1]);
  });

  it('are no more than a task reads in some milliseconds', () => {
    expect(sizes(orderedGroups(piecesOf(Array(10).fill(1), 500 << 10), scanFor(1000)))).toEqual([4, 4, 2]);
  });

  it('are one where nothing but conditions is looked at and all of them are little', () => {
    const suits = (pieces: readonly Piece[], isBare = true): boolean =>
      suitsOne(
        pieces.map(({ target }) => target),
        isBare,
      );
    expect(suits(piecesOf(Array(20).fill(1000), 400 << 10))).toBe(true);
    expect(suits(piecesOf([100, 100, 100], 2 << 20))).toBe(true);
    expect(suits(piecesOf([100, 100, 100], 2 << 20), false)).toBe(false);
    expect(suits(piecesOf(Array(30).fill(100), 400 << 10))).toBe(false);
    expect(suits(piecesOf(Array(40).fill(100)))).toBe(false);
    expect(sizes(orderedGroups(piecesOf([100, 100, 100], 2 << 20), scanFor(100, { inOne: true })))).toEqual([3]);
    const memory = piecesOf([100, 100, 100]).with(1, { rank: 1, target: live() });
    expect(sizes(orderedGroups(memory, scanFor(100, { inOne: true })))).toEqual([1, 1, 1]);
  });

  it('stay in the order of their ranks, and pieces and memory stay alone', () => {
    const pieces = piecesOf(Array(6).fill(1));
    const swapped = [pieces[0]!, pieces[2]!, pieces[1]!, pieces[3]!];
    expect(sizes(orderedGroups(swapped, scanFor(100)))).toEqual([1, 1, 1, 1]);
    const cut = pieces[2]!.target;
    expect(sizes(orderedGroups(pieces, scanFor(100, { isWhole: (target: ScanTarget) => target !== cut })))).toEqual([
      2, 1, 3,
    ]);
    expect(orderedGroups(pieces, scanFor(100)).flat()).toEqual(pieces);
  });
});
