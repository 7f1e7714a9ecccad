import { describe, expect, it } from 'vitest';
import { LabelPieces } from './label-pieces.js';

const pieces = new LabelPieces();

function joined(): string[] {
  return pieces.ends.map((end, i) =>
    Array.from(pieces.refs.subarray(i === 0 ? 0 : pieces.ends[i - 1]!, end), (piece) => pieces.texts[piece]).join(''),
  );
}

describe('pieces of label texts', () => {
  it('are shared by the texts of a batch and numbered from 0 in each', () => {
    pieces.read(['{app="x", env="prod"}', '{app="y", env="prod"}']);
    expect(pieces.texts).toEqual(['{app="x", ', 'env="prod"}', '{app="y", ']);
    pieces.read(['{app="y", env="prod"}']);
    expect(pieces.texts).toEqual(['{app="y", ', 'env="prod"}']);
    expect(joined()).toEqual(['{app="y", env="prod"}']);
  });

  it('make up the texts again, also of more streams than are remembered', () => {
    const texts = Array.from({ length: 70_000 }, (_, i) => `{app="x", pod="pod-${i}"}`);
    pieces.read(texts);
    expect(joined()).toEqual(texts);
    expect(pieces.texts.length).toBeLessThan(70_010);
  });
});
