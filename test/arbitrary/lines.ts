import fc from 'fast-check';

/** Lines laid end to end as in an Arrow Utf8 column, with a selection of them (null: all). */
export interface Lines {
  readonly lines: readonly Buffer[];
  readonly offsets: Int32Array;
  readonly bytes: Buffer;
  readonly rows: Int32Array | null;
  readonly count: number;
}

/** `base` bytes of something else lie before the first line, `tail` bytes behind the last. */
export function layOut(lines: readonly Buffer[], selected: readonly number[] | null, base = 0, tail = 0): Lines {
  const offsets = new Int32Array(lines.length + 1);
  offsets[0] = base;
  lines.forEach((line, i) => {
    offsets[i + 1] = offsets[i]! + line.length;
  });
  const bytes = Buffer.concat([Buffer.alloc(base, 'a'), ...lines, Buffer.alloc(tail, 'a')]);
  const rows = selected === null ? null : Int32Array.from(selected);
  return { lines, offsets, bytes, rows, count: rows?.length ?? lines.length };
}

export function anyLines(line: fc.Arbitrary<Buffer>, maxLength = 20): fc.Arbitrary<Lines> {
  return fc
    .tuple(
      fc.array(line, { maxLength }),
      fc.option(fc.array(fc.boolean(), { minLength: maxLength, maxLength })),
      fc.nat(3),
      fc.nat(3),
    )
    .map(([lines, mask, base, tail]) => {
      const selected = mask === null ? null : [...lines.keys()].filter((i) => mask[i]);
      return layOut(lines, selected, base, tail);
    });
}

/** The naive twin of a line matcher: asks a predicate about each selected line. */
export function rowsWhere(input: Lines, test: (line: Buffer) => boolean): number[] {
  const rows = input.rows === null ? [...input.lines.keys()] : [...input.rows];
  return rows.filter((row) => test(input.lines[row]!));
}
