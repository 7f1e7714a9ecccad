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
    expect(pieces.texts).toHaveLength(70_001);
  });

  it('are the same for the same texts, whatever was read before', () => {
    const texts = Array.from({ length: 5000 }, (_, i) => `{app="x", pod="pod-${i % 4000}"}`);
    const read = (): unknown => {
      pieces.read(texts);
      return [[...pieces.texts], pieces.refs.slice(0, pieces.count), [...pieces.ends]];
    };
    const first = read();
    for (let i = 0; i < 12; i++) {
      pieces.read(Array.from({ length: 3000 }, (_, n) => `{app="y", pod="${i}-${n}"}`));
      expect(read()).toEqual(first);
    }
  });

  it('are refused where the texts are more than anybody would open again', () => {
    const text = `{app="${'x'.repeat(4000)}"}`;
    expect(() => pieces.read(Array.from({ length: 140_000 }, () => text))).toThrow('characters of stream labels');
  });
});
